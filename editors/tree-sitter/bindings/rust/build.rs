//! The generated parser and the scanner of indentation, from C to a library.

fn main() {
    let files = ["src/parser.c", "src/scanner.c"];
    for file in files {
        println!("cargo::rerun-if-changed={file}");
    }
    cc::Build::new()
        .std("c11")
        .include("src")
        .files(files)
        // Of generated code.
        .flag_if_supported("-Wno-unused-parameter")
        .compile("tree-sitter-aqua");
}
