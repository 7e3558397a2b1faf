// Files, directories, paths and threads.
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{mpsc, Arc, Mutex};
use std::thread;

fn work() -> io::Result<()> {
    fs::create_dir_all("a/b/c")?;
    println!("again: {:?}", fs::create_dir("a").map_err(|e| e.kind()));
    fs::write("a/one.txt", "first\nsecond\nthird\n")?;
    println!("{:?}", fs::read_to_string("a/one.txt")?);
    println!("missing: {:?}", File::open("missing.txt").map_err(|e| (e.kind(), e.raw_os_error())));
    let mut file = OpenOptions::new().append(true).open("a/one.txt")?;
    writeln!(file, "fourth {}", 4)?;
    drop(file);
    for (number, line) in BufReader::new(File::open("a/one.txt")?).lines().enumerate() {
        println!("{} {}", number, line?);
    }
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open("a\\b\\data.bin")?;
    file.write_all(&[1, 2, 3, 4, 5, 6, 7, 8])?;
    file.seek(SeekFrom::Start(2))?;
    let mut two = [0; 2];
    file.read_exact(&mut two)?;
    println!("{:?} {}", two, file.seek(SeekFrom::End(0))?);
    file.set_len(4)?;
    println!("{} {:?}", file.metadata()?.len(), fs::metadata("a/b")?.is_dir());
    drop(file);
    fs::copy("a/one.txt", "a/two.txt")?;
    fs::rename("a/two.txt", "a/b/c/Ünïcödé 世界.txt")?;
    let mut names: Vec<String> = fs::read_dir("a")?.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    println!("{:?}", names);
    println!("{:?}", fs::read_dir("a/b/c")?.map(|e| e.unwrap().file_name()).collect::<Vec<_>>());
    println!("remove full: {}", fs::remove_dir("a/b").is_err());
    let path = PathBuf::from("a").join("b").join("data.bin");
    println!("{} {:?} {:?}", path.display(), path.extension(), path.parent());
    println!("{} {}", path.exists(), Path::new("nothing").exists());
    fs::remove_file(&path)?;
    let full = fs::canonicalize("a/b")?;
    println!("canonical {}", full.ends_with("a\\b") && full.to_string_lossy().starts_with(r"\\?\"));
    println!("read-only: {}", fs::metadata("a/one.txt")?.permissions().readonly());
    Ok(())
}

fn threads() {
    let total = Arc::new(Mutex::new(0));
    let (sender, receiver) = mpsc::channel();
    let handles: Vec<_> = (0..4)
        .map(|n| {
            let (total, sender) = (Arc::clone(&total), sender.clone());
            thread::spawn(move || {
                for _ in 0..100 {
                    *total.lock().unwrap() += n;
                }
                sender.send(n).unwrap();
                n * n
            })
        })
        .collect();
    drop(sender);
    let mut received: Vec<i32> = receiver.iter().collect();
    received.sort();
    println!("{:?} {:?}", received, handles.into_iter().map(|h| h.join().unwrap()).collect::<Vec<_>>());
    println!("total {}", *total.lock().unwrap());
}

fn main() {
    work().unwrap();
    threads();
}
