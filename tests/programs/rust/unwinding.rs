// Panics: caught, passed on, in threads, out of callbacks of C, in destructors; what is dropped on the way, and in which order.
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::process;
use std::sync::{mpsc, Arc, Mutex, Once, RwLock};
use std::thread;

struct Guard(&'static str);

impl Drop for Guard {
    fn drop(&mut self) {
        println!("  drop {}{}", self.0, if thread::panicking() { " while panicking" } else { "" });
    }
}

struct Catches;

impl Drop for Catches {
    fn drop(&mut self) {
        let inner = panic::catch_unwind(|| {
            let _guard = Guard("in the destructor");
            1
        });
        println!("  destructor caught {:?}", inner.is_ok());
    }
}

struct Panics;

impl Drop for Panics {
    fn drop(&mut self) {
        panic!("from a destructor");
    }
}

fn told(payload: &(dyn Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        format!("&str {}", text)
    } else if let Some(text) = payload.downcast_ref::<String>() {
        format!("String {}", text)
    } else if let Some(number) = payload.downcast_ref::<u32>() {
        format!("u32 {}", number)
    } else {
        "something".into()
    }
}

fn attempt<T>(name: &str, f: impl FnOnce() -> T) -> Option<T> {
    match panic::catch_unwind(AssertUnwindSafe(f)) {
        Ok(value) => {
            println!("{}: no panic", name);
            Some(value)
        }
        Err(payload) => {
            println!("{}: {}", name, told(&*payload));
            None
        }
    }
}

#[inline(never)]
fn deep(depth: u32) -> u32 {
    let _guard = Guard("deep");
    if depth == 0 {
        panic!("at the bottom");
    }
    deep(depth - 1) + 1
}

#[inline(never)]
fn element(list: &[i32], index: usize) -> i32 {
    list[index]
}

fn panics() {
    attempt("literal", || panic!("literal"));
    attempt("formatted", || panic!("{} and {}", 1, 2));
    attempt("value", || panic::panic_any(7u32));
    attempt("other type", || panic::panic_any(7.5f32));
    attempt("none", || 5);
    attempt("index", || element(&[1, 2, 3], 10));
    attempt("division", || 1 / "".len());
    attempt("unwrap", || None::<u32>.unwrap());
    attempt("expect", || Err::<u32, _>("reason").expect("expected"));
    attempt("borrowed", || {
        let cell = RefCell::new(1);
        let _first = cell.borrow_mut();
        let _second = cell.borrow_mut();
    });
    attempt("deep", || deep(3));
    attempt("drop order", || {
        let _a = Guard("a");
        let _b = vec![Guard("b0"), Guard("b1")];
        let _c = (Guard("c0"), Box::new(Guard("c1")));
        if std::env::args().count() > 0 {
            panic!("ordered");
        }
        drop(_a);
    });
    attempt("half an array", || {
        let made = Cell::new(0);
        let _all: [Guard; 3] = [0, 1, 2].map(|n| {
            made.set(made.get() + 1);
            if n == 2 {
                panic!("element {}", n);
            }
            Guard("element")
        });
    });
    attempt("catching destructor", || {
        let _guard = Catches;
        panic!("outer");
    });
    attempt("panicking destructor", || {
        let _first = Guard("before it");
        let _second = Panics;
        let _third = Guard("after it");
    });
}

fn passing_on() {
    attempt("resumed", || {
        let _outer = Guard("outer");
        let caught = panic::catch_unwind(|| {
            let _inner = Guard("inner");
            panic!("first");
        });
        panic::resume_unwind(caught.unwrap_err());
    });
    attempt("resumed without a panic", || panic::resume_unwind(Box::new(9u32)));
    attempt("another", || {
        let caught = panic::catch_unwind(|| panic!("first"));
        panic!("second after {}", told(&*caught.unwrap_err()));
    });
    attempt("nested", || {
        for depth in 0..4u32 {
            attempt("  in a loop", || {
                if depth % 2 == 1 {
                    panic::panic_any(depth)
                }
            });
        }
        panic!("outside");
    });
}

fn threads() {
    let joined = thread::spawn(|| {
        let _guard = Guard("of the thread");
        panic!("in a thread");
    })
    .join();
    println!("joined: {}", told(&*joined.unwrap_err()));
    let scoped = thread::scope(|scope| scope.spawn(|| panic::panic_any(3u32)).join().unwrap_err());
    println!("scoped: {}", told(&*scoped));

    let mutex = Arc::new(Mutex::new(1));
    let theirs = Arc::clone(&mutex);
    let _ = thread::spawn(move || {
        let mut held = theirs.lock().unwrap();
        *held = 2;
        panic!("with the lock");
    })
    .join();
    println!("poisoned {} {}", mutex.is_poisoned(), mutex.lock().unwrap_err().into_inner());
    let lock = RwLock::new(1);
    attempt("reading", || {
        let _held = lock.read().unwrap();
        panic!("read lock");
    });
    println!("read lock poisoned {}", lock.is_poisoned());
    attempt("writing", || {
        let _held = lock.write().unwrap();
        panic!("write lock");
    });
    println!("write lock poisoned {}", lock.is_poisoned());
    let once = Once::new();
    attempt("once", || once.call_once(|| panic!("not this time")));
    attempt("once again", || once.call_once(|| ()));
    once.call_once_force(|state| println!("once poisoned {}", state.is_poisoned()));

    let (sender, receiver) = mpsc::channel();
    let workers: Vec<_> = (0..4u32)
        .map(|n| {
            let sender = sender.clone();
            thread::spawn(move || {
                for round in 0..50u32 {
                    let caught = panic::catch_unwind(|| {
                        if (n + round) % 2 == 0 {
                            panic::resume_unwind(Box::new(n * round))
                        }
                    });
                    let value = caught.map_or_else(|payload| *payload.downcast::<u32>().unwrap(), |_| 1);
                    sender.send(value).unwrap();
                }
                if n == 3 {
                    panic::resume_unwind(Box::new(n));
                }
            })
        })
        .collect();
    drop(sender);
    let sum: u32 = receiver.iter().sum();
    let failed = workers.into_iter().map(|worker| worker.join()).filter(|result| result.is_err()).count();
    println!("sum {} failed {}", sum, failed);
}

extern "C" {
    fn qsort(base: *mut i32, count: usize, width: usize, compare: unsafe extern "C" fn(*const i32, *const i32) -> i32);
}

thread_local! {
    static PANICKED: Cell<Option<Box<dyn Any + Send>>> = Cell::new(None);
    static COMPARED: Cell<u32> = Cell::new(0);
}

unsafe extern "C" fn compare(a: *const i32, b: *const i32) -> i32 {
    let done = panic::catch_unwind(|| {
        let _guard = Guard("comparison");
        COMPARED.with(|count| count.set(count.get() + 1));
        if COMPARED.with(|count| count.get()) == 3 {
            panic!("third comparison");
        }
        (*a).cmp(&*b) as i32
    });
    done.unwrap_or_else(|payload| {
        PANICKED.with(|cell| cell.set(Some(payload)));
        0
    })
}

fn callbacks() {
    let mut numbers = [3, 1, 2];
    unsafe { qsort(numbers.as_mut_ptr(), numbers.len(), 4, compare) };
    let payload = PANICKED.with(|cell| cell.take());
    attempt("out of qsort", || panic::resume_unwind(payload.unwrap()));
    attempt("out of sort_by", || [3, 1, 2].sort_by(|_, _| panic!("comparing")));
}

fn often() {
    let mut sum = 0u64;
    let (mut lowest, mut highest) = (usize::MAX, 0);
    for n in 0..10_000u32 {
        let caught = panic::catch_unwind(|| {
            if n % 4 != 3 {
                panic::resume_unwind(Box::new(n));
            }
        });
        if let Err(payload) = caught {
            let number = *payload.downcast::<u32>().unwrap();
            sum += u64::from(number);
            let here = &number as *const u32 as usize;
            lowest = lowest.min(here);
            highest = highest.max(here);
        }
    }
    println!("often {} {}", sum, highest - lowest);
}

fn main() {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map_or(0, |location| location.line());
        println!("  hook: {} {}", told(info.payload()), place > 0);
    }));
    match std::env::args().nth(1).as_deref() {
        Some("main") => {
            let _guard = Guard("of main");
            panic!("nobody catches it");
        }
        Some("twice") => {
            let _guard = Panics;
            panic!("and a destructor");
        }
        Some("abort") => {
            attempt("abort", || {
                let _guard = Guard("never");
                process::abort();
            });
        }
        Some("often") => often(),
        _ => {
            panics();
            passing_on();
            threads();
            callbacks();
        }
    }
    process::exit(3);
}
