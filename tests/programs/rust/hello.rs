// The smallest Rust program that prints.
fn main() {
    println!("Hello World from LiteBox!");
}
