// C++ exceptions: thrown, caught by base, rethrown, with destructors on the way.
#include <cstdio>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

struct Guard {
    explicit Guard(const char *n) : name(n) {}
    ~Guard() { std::printf("~%s ", name); }
    const char *name;
};

struct Special : std::runtime_error {
    explicit Special(int c) : std::runtime_error("special"), code(c) {}
    int code;
};

static int deep(int n)
{
    Guard guard("deep");
    if (n == 0)
        throw Special(42);
    return deep(n - 1) + 1;
}

static void rethrow()
{
    try {
        deep(2);
    } catch (const std::exception &e) {
        std::printf("caught %s, ", e.what());
        throw;
    }
}

int main()
{
    try {
        throw 7;
    } catch (int n) {
        std::printf("int %d\n", n);
    }
    try {
        rethrow();
    } catch (const Special &s) {
        std::printf("again %s %d\n", s.what(), s.code);
    }
    try {
        std::vector<int> v(3);
        std::printf("%d\n", v.at(10));
    } catch (const std::out_of_range &) {
        std::puts("out of range");
    }
    try {
        std::printf("%d\n", std::stoi("not a number"));
    } catch (const std::invalid_argument &) {
        std::puts("invalid argument");
    }
    try {
        throw std::string("text");
    } catch (int) {
        std::puts("wrong");
    } catch (...) {
        std::puts("anything");
    }
    int count = 0;
    for (int i = 0; i < 50; i++)
        try {
            if (i % 2)
                throw std::logic_error("odd");
        } catch (const std::logic_error &) {
            count++;
        }
    std::printf("counted %d\n", count);
    return count;
}
