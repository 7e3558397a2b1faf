// Arguments, environment, strings, collections, numbers, standard input.
use std::collections::{BTreeMap, HashMap};
use std::env;
use std::io::{self, BufRead, Read, Write};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

fn fibonacci(n: u32) -> u64 {
    (0..n).fold((0u64, 1u64), |(a, b), _| (b, a + b)).0
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    println!("{} arguments: {:?}", arguments.len(), arguments);
    println!("SAMPLE_VALUE: {:?}", env::var("SAMPLE_VALUE"));
    println!("missing: {:?}", env::var("NO_SUCH_VARIABLE_HERE"));
    env::set_var("MADE", "here");
    println!("made: {:?}, listed {}", env::var("made").ok(), env::vars().any(|(k, _)| k == "MADE"));

    let text = "Grüße, 世界! Ünïcödé";
    println!("{} {} {}", text.to_uppercase(), text.len(), text.chars().count());
    println!("{:?}", text.split_whitespace().rev().collect::<Vec<_>>());
    println!("{:>8}|{:<8}|{:^8}|{:08.3}|{:#x}|{:#b}|{:e}", "right", "left", "mid", 3.14159, 255, 5, 1234.5);
    println!("{:?} {:?}", "42".parse::<i32>(), "x42".parse::<i32>());
    println!("{:?} {:?}", u8::try_from(300i32).is_err(), 250u8.checked_add(10));

    let mut counts = BTreeMap::new();
    for word in "the quick brown fox jumps over the lazy dog the end".split(' ') {
        *counts.entry(word).or_insert(0) += 1;
    }
    println!("{:?}", counts);
    let squares: HashMap<u32, u32> = (1..100).map(|n| (n, n * n)).collect();
    println!("{} {}", squares.len(), squares[&12]);
    let mut numbers: Vec<i32> = (0..20).map(|n| (n * 7919) % 101).collect();
    numbers.sort_unstable();
    println!("{:?} {}", numbers, numbers.iter().sum::<i32>());

    println!("{} {:.6} {:.6} {:.6}", fibonacci(80), 2f64.sqrt(), 1f64.sin(), 2f64.powf(0.5));
    println!("{:.10} {:.10} {}", std::f64::consts::PI.exp(), 10f64.ln(), f64::NAN.max(1.0));
    println!("{} {} {}", i64::MAX, u64::MAX.count_ones(), (-7i32).rem_euclid(3));

    let start = Instant::now();
    std::thread::sleep(Duration::from_millis(20));
    println!("slept {}", start.elapsed() >= Duration::from_millis(19));
    println!("after 2020 {}", SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() > 1_577_836_800);

    let stdin = io::stdin();
    let mut first = String::new();
    stdin.lock().read_line(&mut first).unwrap();
    let mut rest = Vec::new();
    stdin.lock().read_to_end(&mut rest).unwrap();
    println!("first {:?}, rest {} bytes", first.trim_end(), rest.len());
    io::stdout().write_all(b"raw bytes\r\n").unwrap();
    eprintln!("to stderr");
    std::process::exit(arguments.len() as i32 + 10);
}
