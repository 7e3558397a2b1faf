// C++ exceptions of the Itanium ABI, with its library linked in: matching, objects, order, and ways through everything else.
#include <windows.h>

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <functional>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#define NOINLINE __attribute__((noinline))

static int in_tls_callbacks[4];

// The system calls it before main(), and at the beginning and the end of every thread.
static void NTAPI tls_callback(void *, DWORD reason, void *)
{
    try {
        throw reason;
    } catch (DWORD caught) {
        if (caught < 4)
            InterlockedIncrement(reinterpret_cast<volatile LONG *>(&in_tls_callbacks[caught]));
    }
}

extern "C" __attribute__((section(".CRT$XLC"), used)) PIMAGE_TLS_CALLBACK place_of_callback = tls_callback;

struct Guard {
    const char *name;
    explicit Guard(const char *n) : name(n) { std::printf("+%s ", name); }
    Guard(const Guard &) = delete;
    ~Guard() { std::printf("~%s(%d) ", name, std::uncaught_exceptions()); }
};

struct Counted {
    static int alive, copies;
    int value;
    explicit Counted(int v) : value(v) { alive++; }
    Counted(const Counted &other) : value(other.value) { alive++, copies++; }
    virtual ~Counted() { alive--; }
    virtual const char *what() const { return "Counted"; }
};
int Counted::alive, Counted::copies;

struct Derived : Counted {
    explicit Derived(int v) : Counted(v) {}
    const char *what() const override { return "Derived"; }
};

struct Left { int left = 11; virtual ~Left() {} };
struct Right { int right = 22; virtual ~Right() {} };
struct Both : Left, Right { int both = 33; };
struct Root { int root = 5; virtual ~Root() {} };
struct ViaA : virtual Root { int a = 6; };
struct ViaB : virtual Root { int b = 7; };
struct Diamond : ViaA, ViaB { int d = 8; };
struct TwiceA : Left {};
struct TwiceB : Left {};
struct Twice : TwiceA, TwiceB {};
struct Hidden : private Right { int hidden = 44; };
enum class Colour { red = 3 };
struct Large { char bytes[100000]; };

template <class T> NOINLINE static void throw_it(T value) { throw value; }

static void matching()
{
    std::puts("matching");
    try { throw 1; } catch (long) { std::puts("long"); } catch (int n) { std::printf("int %d\n", n); }
    try { throw 'c'; } catch (int) { std::puts("int"); } catch (...) { std::puts("anything"); }
    try { throw 2.5; } catch (float) { std::puts("float"); } catch (double d) { std::printf("double %d\n", int(d * 10)); }
    try { throw "text"; } catch (void *) { std::puts("void *"); } catch (const void *s) { std::printf("const void * %s\n", static_cast<const char *>(s)); }
    try { throw_it<int *>(nullptr); } catch (const void *p) { std::printf("void * %d\n", p == nullptr); }
    try { throw nullptr; } catch (int *p) { std::printf("int * %d\n", p == nullptr); }
    try { throw Both(); } catch (Right &r) { std::printf("right %d\n", r.right); }
    try { throw Both(); } catch (Left l) { std::printf("left %d\n", l.left); }
    Both both;
    try { throw &both; } catch (Right *r) { std::printf("right * %d %d\n", r->right, r == &both); }
    try { throw Diamond(); } catch (Root &r) { std::printf("root & %d\n", r.root); }
    try { throw Diamond(); } catch (ViaB b) { std::printf("via b %d %d\n", b.b, b.root); }
    try { throw Twice(); } catch (Left &) { std::puts("ambiguous"); } catch (TwiceB &) { std::puts("twice b"); }
    try { throw Hidden(); } catch (Right &) { std::puts("private"); } catch (Hidden &h) { std::printf("hidden %d\n", h.hidden); }
    try { throw Colour::red; } catch (int) { std::puts("int"); } catch (Colour c) { std::printf("colour %d\n", int(c)); }
    try { throw &Both::both; } catch (int Both::*) { std::puts("member"); }
    try { throw_it(puts); } catch (int (*f)(const char *)) { f("function"); }
    Large large;
    std::memset(large.bytes, 7, sizeof large.bytes);
    try { throw_it(large); } catch (const Large &l) { std::printf("large %d\n", l.bytes[99999]); }
}

static void objects()
{
    std::puts("objects");
    try { throw Derived(1); } catch (Counted &c) { std::printf("%s %d alive %d\n", c.what(), c.value, Counted::alive); }
    try { throw Derived(2); } catch (Counted c) { std::printf("%s %d alive %d\n", c.what(), c.value, Counted::alive); }
    std::printf("alive %d copies %d\n", Counted::alive, Counted::copies);
    try {
        try { throw Derived(4); } catch (Counted &c) { c.value = 40; throw; }
    } catch (Derived &d) {
        std::printf("again %s %d alive %d\n", d.what(), d.value, Counted::alive);
    }
    try {
        try { throw Derived(5); } catch (Counted &c) { throw Counted(c); }
    } catch (Counted &c) {
        std::printf("sliced %s %d alive %d\n", c.what(), c.value, Counted::alive);
    }
    std::printf("alive %d\n", Counted::alive);
    std::exception_ptr kept;
    try { throw Derived(6); } catch (...) { kept = std::current_exception(); }
    std::printf("kept, alive %d\n", Counted::alive);
    for (int i = 0; i < 2; i++)
        try { std::rethrow_exception(kept); } catch (Derived &d) { std::printf("rethrown %d\n", d.value++); }
    std::thread([&kept] {
        try { std::rethrow_exception(kept); } catch (Derived &d) { std::printf("in another thread %d\n", d.value); }
        kept = nullptr;
    }).join();
    std::printf("alive %d\n", Counted::alive);
}

static void tell(const std::exception &e, int depth)
{
    std::printf("%*s%s\n", depth, "", e.what());
    try { std::rethrow_if_nested(e); } catch (const std::exception &inner) { tell(inner, depth + 1); }
}

static void nested()
{
    std::puts("nested");
    try {
        try {
            try { throw std::runtime_error("innermost"); } catch (...) { std::throw_with_nested(std::logic_error("middle")); }
        } catch (...) {
            std::throw_with_nested(std::runtime_error("outer"));
        }
    } catch (const std::exception &e) {
        tell(e, 1);
    }
    try {
        Guard a("a");
        try {
            Guard b("b");
            try { Guard c("c"); throw 1; } catch (char) { std::puts("no"); }
        } catch (int n) {
            Guard d("d");
            std::printf("inner %d ", n);
            try { throw 'x'; } catch (char c) { std::printf("within %c ", c); }
            throw 2.0;
        }
    } catch (double) {
        std::puts("outer");
    }
    for (int i = 0; i < 3; i++)
        try {
            Guard loop("loop");
            if (i == 1)
                continue;
            if (i == 2)
                break;
            throw i;
        } catch (int n) {
            std::printf("in loop %d ", n);
            continue;
        }
    std::puts("");
}

NOINLINE static int deep(int n, char *top)
{
    Guard guard("deep");
    char *room = static_cast<char *>(alloca(size_t(n) * 1000 + 16));
    room[0] = top[0];
    if (n == 0)
        throw n;
    return deep(n - 1, room) + 1;
}

NOINLINE static double keeps(double a, double b)
{
    double kept = a * b;
    try { throw_it(int(kept)); } catch (int n) { return kept + n; }
    return 0;
}

static void unwinding()
{
    std::puts("unwinding");
    char top = 1;
    try { Guard outer("outer"); deep(3, &top); } catch (int) { std::puts("caught"); }
    std::printf("kept %d\n", int(keeps(2.5, 3.0) * 10));
    volatile int a = 1, b = 2, c = 3, d = 4, e = 5, f = 6;
    int sum = a + b + c, product = d * e * f;
    try { throw_it(sum); } catch (int n) { std::printf("registers %d %d %d\n", n, sum, product); }
}

static bool fail_base, fail_member;
struct Base { Base() { if (fail_base) throw 1; std::printf("+Base "); } ~Base() { std::printf("~Base "); } };
struct Member { Member() { if (fail_member) throw 2; std::printf("+Member "); } ~Member() { std::printf("~Member "); } };
struct Whole : Base {
    Member member;
    explicit Whole(bool fail) try : Base(), member() {
        if (fail)
            throw 3;
        std::printf("+Whole ");
    } catch (int n) {
        std::printf("in constructor's handler %d ", n);
    }
    Whole() : Whole(false) { throw 4; }
    ~Whole() { std::printf("~Whole "); }
};
struct Element {
    static int made;
    int number;
    Element() : number(made++) { if (number == 3) throw number; std::printf("+%d ", number); }
    ~Element() { std::printf("~%d ", number); }
};
int Element::made;
struct OwnNew {
    OwnNew() { throw 5; }
    static void *operator new(size_t size) { return std::malloc(size); }
    static void operator delete(void *p) { std::printf("freed "); std::free(p); }
};
struct Lazy { Lazy() { static int tries; if (tries++ == 0) throw 6; std::printf("made at %d ", tries); } };
static int in_function(int n) try { if (n) throw n; return 0; } catch (int caught) { return caught * 2; }
struct Quiet { ~Quiet() { try { throw 9; } catch (int n) { std::printf("(quiet %d %d) ", n, std::uncaught_exceptions()); } } };
struct Throws { ~Throws() noexcept(false) { throw 8; } };

static void construction()
{
    std::puts("construction");
    { Whole w(false); }
    std::puts("");
    try { Whole w(true); } catch (int n) { std::printf("outside %d\n", n); }
    fail_member = true;
    try { Whole w(false); } catch (int n) { std::printf("outside %d\n", n); }
    fail_base = true;
    try { Whole w(false); } catch (int n) { std::printf("outside %d\n", n); }
    fail_base = fail_member = false;
    try { Whole w; } catch (int n) { std::printf("delegated %d\n", n); }
    try { delete[] new Element[5]; } catch (int n) { std::printf("array stopped at %d\n", n); }
    try { delete new OwnNew; } catch (int n) { std::printf("own new %d\n", n); }
    for (int i = 0; i < 2; i++)
        try { static Lazy lazy; std::puts("static"); } catch (int n) { std::printf("static %d\n", n); }
    std::printf("%d %d\n", in_function(0), in_function(21));
    try { Quiet q; throw 1; } catch (int n) { std::printf("caught %d\n", n); }
    try { Guard g("before"); Throws t; Guard h("after"); } catch (int n) { std::printf("out of a destructor %d\n", n); }
    try { std::vector<int>(size_t(-1) / 8); } catch (const std::length_error &) { std::puts("length"); } catch (const std::bad_alloc &) { std::puts("alloc"); }
    try { ::operator delete(::operator new(size_t(-1) / 4)); } catch (const std::bad_alloc &) { std::puts("alloc"); }
    try { std::function<void()>()(); } catch (const std::bad_function_call &) { std::puts("empty function"); }
}

static int comparisons;
static int compare(const void *a, const void *b)
{
    Guard g("compare");
    if (++comparisons == 4)
        throw std::string("fourth");
    return *static_cast<const int *>(a) - *static_cast<const int *>(b);
}

static BOOL CALLBACK locale(char *) { Guard g("locale"); throw 10; }

static DWORD WINAPI thread(void *value)
{
    try {
        Guard g("thread");
        throw *static_cast<int *>(value);
    } catch (int n) {
        std::printf("in thread %d\n", n);
        return DWORD(n);
    }
}

static void *fibre, *back;
static void CALLBACK on_fibre(void *)
{
    for (;;) {
        try { Guard g("fibre"); throw 12; } catch (int n) { std::printf("on the fibre %d\n", n); }
        SwitchToFiber(back);
    }
}

static int seen;
static LONG CALLBACK sees(EXCEPTION_POINTERS *p)
{
    if ((p->ExceptionRecord->ExceptionCode & 0xFFFFFF) == 0x474343 && ++seen == 1) {
        try { throw 'v'; } catch (char c) { seen += c == 'v'; }
    }
    return EXCEPTION_CONTINUE_SEARCH;
}

static jmp_buf place;
NOINLINE static void jumps(int n) { if (n) jumps(n - 1); else longjmp(place, 5); }

static void crossing()
{
    std::puts("crossing");
    int numbers[] = {5, 3, 9, 1, 7, 2};
    try { std::qsort(numbers, 6, sizeof(int), compare); } catch (const std::string &s) { std::printf("out of qsort %s\n", s.c_str()); }
    try { std::bsearch(numbers, numbers, 6, sizeof(int), [](const void *, const void *) -> int { throw 13; }); } catch (int n) { std::printf("out of bsearch %d\n", n); }
    try { EnumSystemLocalesA(locale, LCID_INSTALLED); } catch (int n) { std::printf("out of locales %d\n", n); }
    int value = 17;
    HANDLE h = CreateThread(nullptr, 0, thread, &value, 0, nullptr);
    WaitForSingleObject(h, INFINITE);
    CloseHandle(h);
    back = ConvertThreadToFiber(nullptr);
    fibre = CreateFiber(0, on_fibre, nullptr);
    SwitchToFiber(fibre);
    try { SwitchToFiber(fibre); throw 14; } catch (int n) { std::printf("after the fibre %d\n", n); }
    DeleteFiber(fibre);
    ConvertFiberToThread();
    void *handler = AddVectoredExceptionHandler(1, sees);
    try { try { throw 1; } catch (int) { throw; } } catch (int) {}
    RemoveVectoredExceptionHandler(handler);
    std::printf("vectored handler saw %d\n", seen);
    int jumped = setjmp(place);
    if (!jumped)
        try { jumps(2); } catch (...) { std::puts("no"); }
    else
        try { throw jumped; } catch (int n) { std::printf("jumped %d\n", n); }
    std::printf("TLS callback %d %d %d\n", in_tls_callbacks[DLL_PROCESS_ATTACH], in_tls_callbacks[DLL_THREAD_ATTACH],
                in_tls_callbacks[DLL_THREAD_DETACH]);
}

static void often()
{
    int sum = 0;
    size_t lowest = ~size_t(0), highest = 0;
    for (int i = 0; i < 10000; i++)
        try { throw_it(i); } catch (int &n) {
            sum += n & 1;
            char here;
            size_t where = reinterpret_cast<size_t>(&here);
            lowest = where < lowest ? where : lowest;
            highest = where > highest ? where : highest;
        }
    std::printf("often %d %d\n", sum, int(highest - lowest));
}

static void no_throw() noexcept { Guard g("noexcept"); throw 1; }
struct Loud { ~Loud() noexcept(false) { throw 2; } };

int main(int argc, char **argv)
{
    std::string how = argc > 1 ? argv[1] : "";
    std::set_terminate([] {
        std::printf("terminate handler %d\n", std::current_exception() != nullptr);
        std::fflush(stdout);
        std::_Exit(4);
    });
    if (how == "noexcept") {
        void (*volatile quiet)() = no_throw;
        try { quiet(); } catch (...) { std::puts("caught"); }
    } else if (how == "uncaught") {
        Guard g("uncaught");
        throw 1;
    } else if (how == "nothing") {
        throw;
    } else if (how == "destructor") {
        try { Loud loud; throw 1; } catch (...) { std::puts("caught"); }
    } else if (how == "thread") {
        std::thread([] { throw 1; }).join();
    } else if (how == "often") {
        often();
    } else {
        matching();
        objects();
        nested();
        unwinding();
        construction();
        crossing();
    }
    return 0;
}
