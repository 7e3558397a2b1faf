// C++ exceptions: nested, rethrown, thrown in destructors, through a callback of the C library; the last one uncaught.
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

struct Guard {
    explicit Guard(const char *n) : name(n) {}
    ~Guard() { std::printf("~%s ", name); }
    const char *name;
};

struct Inner {
    ~Inner()
    {
        try {
            Guard guard("inner");
            throw 1;
        } catch (int) {
            std::printf("swallowed ");
        }
    }
};

static int compare(const void *, const void *)
{
    Guard guard("compare");
    throw std::string("comparison");
}

static void nested()
{
    Guard guard("nested");
    try {
        Guard first("first");
        throw std::runtime_error("one");
    } catch (std::exception &outer) {
        std::printf("[%s] ", outer.what());
        try {
            Guard second("second");
            throw std::logic_error("two");
        } catch (std::exception &inner) {
            std::printf("[%s] ", inner.what());
        }
        throw;
    }
}

static double locals(double x)
{
    double y = x * 3;
    try {
        Inner inner;
        throw y;
    } catch (double d) {
        return d + y;
    }
}

int main()
{
    setvbuf(stdout, nullptr, _IONBF, 0);
    try {
        nested();
    } catch (std::exception &e) {
        std::printf("outer %s\n", e.what());
    }
    int values[] = {3, 2, 1};
    for (int i = 0; i < 3; i++)
        try {
            Guard guard("sort");
            qsort(values, 3, sizeof *values, compare);
        } catch (std::string &s) {
            std::printf("from qsort: %s\n", s.c_str());
        }
    std::printf("%g\n", locals(1.5));
    try {
        Inner inner;
        try {
            throw 5;
        } catch (...) {
            std::throw_with_nested(std::runtime_error("with nested"));
        }
    } catch (std::exception &e) {
        try {
            std::rethrow_if_nested(e);
        } catch (int n) {
            std::printf("nested int %d\n", n);
        }
    }
    throw 3;
}
