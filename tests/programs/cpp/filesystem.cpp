/* std::filesystem and what it asks of the run-time: walking, copying, times, links, permissions, errors. */
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

namespace fs = std::filesystem;
using namespace std::chrono_literals;

static void show_tree(const fs::path &root)
{
    std::vector<std::string> names;
    for (const auto &entry : fs::recursive_directory_iterator(root))
        names.push_back(entry.path().generic_u8string() + (entry.is_directory() ? "/" : ""));
    std::sort(names.begin(), names.end());
    for (const auto &name : names)
        std::cout << name << "\n";
}

static void errors()
{
    std::error_code code;
    fs::file_size("none", code);
    std::cout << "size of nothing: " << code.value() << "\n";
    fs::remove("a", code);
    std::cout << "remove a full folder: " << (code ? "refused" : "done") << "\n";
    fs::directory_iterator none("none", code);
    std::cout << "walk nothing: " << code.value() << "\n";
    try {
        fs::copy_file("a/b/f.txt", "copy.txt");
    } catch (const fs::filesystem_error &error) {
        std::cout << "copy over: " << error.code().value() << "\n";
    }
}

int main()
{
    fs::create_directories("a/b/c");
    std::ofstream("a/b/f.txt") << "hi\n";
    std::ofstream(fs::path(L"a/\u00fcber.txt")) << "x";
    show_tree("a");
    std::cout << fs::is_empty("a/b/c") << fs::is_directory("a") << fs::exists("zz") << "\n";

    fs::copy_file("a/b/f.txt", "copy.txt");
    std::cout << "copied " << fs::file_size("copy.txt") << "\n";
    errors();
    fs::copy("a", "z", fs::copy_options::recursive);
    show_tree("z");
    fs::rename("z", "y");
    std::cout << "removed " << fs::remove_all("y") << "\n";

    fs::create_hard_link("copy.txt", "link.txt");
    std::cout << fs::hard_link_count("copy.txt") << fs::equivalent("copy.txt", "link.txt")
              << fs::equivalent("copy.txt", "a/b/f.txt") << "\n";
    const auto time = fs::last_write_time("link.txt");
    fs::last_write_time("link.txt", time - 1h);
    std::cout << (fs::last_write_time("copy.txt") < time) << "\n";
    fs::permissions("link.txt", fs::perms::owner_read);
    std::cout << std::oct << int(fs::status("link.txt").permissions()) << std::dec << "\n";
    fs::permissions("link.txt", fs::perms::all);
    fs::resize_file("link.txt", 100);
    std::cout << fs::file_size("copy.txt") << "\n";
    std::cout << fs::canonical("a/./b/../b").filename() << fs::relative("a/b", "a")
              << fs::weakly_canonical("nope/../x").filename() << "\n";
    return 0;
}
