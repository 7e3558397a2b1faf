// C++ exceptions of the Microsoft ABI: which handler takes what, what is copied, in which order things are destroyed.
#include "runtime.h"

extern "C" {
void **__current_exception();
int __uncaught_exceptions();
typedef void (*terminate_handler)();
terminate_handler set_terminate(terminate_handler handler);
}

struct Guard {
    const char *name;
    explicit Guard(const char *n) : name(n) { printf("+%s ", name); }
    ~Guard() { printf("~%s(%d) ", name, __uncaught_exceptions()); }
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

struct Root { int root = 5; Root() {} Root(const Root &o) : root(o.root + 1) {} virtual ~Root() {} };
struct ViaA : virtual Root { int a = 6; };
struct ViaB : virtual Root { int b = 7; };
struct Diamond : ViaA, ViaB { int d = 8; };

struct Plain { long long x, y, z; };

template <class T> static void throw_it(T value) { throw value; }

static void matching()
{
    printf("matching\n");
    try { throw 1; } catch (long) { printf("long\n"); } catch (int n) { printf("int %d\n", n); }
    try { throw 'c'; } catch (int) { printf("int\n"); } catch (...) { printf("anything\n"); }
    try { throw 2.5; } catch (float) { printf("float\n"); } catch (double d) { printf("double %d\n", int(d * 10)); }
    try { throw_it<Plain>({1, 2, 3}); } catch (Plain p) { printf("plain %d\n", int(p.x + p.y + p.z)); }
    try { throw "text"; } catch (void *) { printf("void *\n"); } catch (const void *s) { printf("const void * %s\n", (const char *)s); }
    char changeable[] = "mine";
    try { throw_it<char *>(changeable); } catch (const char *s) { printf("const char * %s\n", s); }
    try { throw_it<int *>(nullptr); } catch (const void *p) { printf("void * %d\n", p == nullptr); }
    try { throw nullptr; } catch (int *p) { printf("int * %d\n", p == nullptr); } catch (...) { printf("nullptr\n"); }
    try { throw Both(); } catch (Right &r) { printf("right %d\n", r.right); }
    try { throw Both(); } catch (Left l) { printf("left %d\n", l.left); }
    Both both;
    try { throw &both; } catch (Right *r) { printf("right * %d %d\n", r->right, r == &both); }
    try { throw &both; } catch (const Both *b) { printf("both * %d\n", b->both); }
    try { throw Diamond(); } catch (Root &r) { printf("root & %d\n", r.root); }
    try { throw Diamond(); } catch (Root r) { printf("root %d\n", r.root); }
    try { throw Diamond(); } catch (ViaB b) { printf("via b %d\n", b.b); }
    Diamond diamond;
    try { throw &diamond; } catch (Root *r) { printf("root * %d\n", r->root); }
}

static void objects()
{
    printf("objects\n");
    try { throw Derived(1); } catch (Counted &c) { printf("%s %d alive %d\n", c.what(), c.value, Counted::alive); }
    printf("alive %d copies %d\n", Counted::alive, Counted::copies);
    try { throw Derived(2); } catch (Counted c) { printf("%s %d alive %d\n", c.what(), c.value, Counted::alive); }
    printf("alive %d copies %d\n", Counted::alive, Counted::copies);
    try { throw Derived(3); } catch (...) { printf("alive %d\n", Counted::alive); }
    printf("alive %d copies %d\n", Counted::alive, Counted::copies);
    try {
        try { throw Derived(4); } catch (Counted &c) { c.value = 40; throw; }
    } catch (Derived &d) {
        printf("again %s %d alive %d\n", d.what(), d.value, Counted::alive);
    }
    printf("alive %d\n", Counted::alive);
    try {
        try { throw Derived(5); } catch (Counted &c) { throw Counted(c); }
    } catch (Counted &c) {
        printf("sliced %s %d alive %d\n", c.what(), c.value, Counted::alive);
    }
    printf("alive %d\n", Counted::alive);
}

static int deep(int n)
{
    Guard guard("deep");
    if (n == 0)
        throw n;
    return deep(n - 1) + 1;
}

static void unwinding()
{
    printf("unwinding\n");
    try { Guard outer("outer"); deep(3); } catch (int) { printf("caught\n"); }
    try {
        Guard a("a");
        try {
            Guard b("b");
            try { Guard c("c"); throw 1; } catch (char) { printf("no\n"); }
        } catch (int n) {
            Guard d("d");
            printf("inner %d ", n);
            throw 2.0;
        }
    } catch (double) {
        printf("outer\n");
    }
    for (int i = 0; i < 3; i++) {
        try {
            Guard loop("loop");
            if (i == 1)
                continue;
            if (i == 2)
                break;
            throw i;
        } catch (int n) {
            printf("in loop %d ", n);
            continue;
        }
    }
    printf("\n");
}

static void lippincott()
{
    try { throw; }
    catch (int n) { printf("it is an int %d\n", n); }
    catch (Counted &c) { printf("it is %s\n", c.what()); }
    catch (...) { printf("it is something\n"); }
}

static int nested_value()
{
    try {
        throw 1;
    } catch (int a) {
        try {
            throw a + 1;
        } catch (int b) {
            try {
                throw b + 1;
            } catch (int c) {
                return a * 100 + b * 10 + c;
            }
        }
    }
}

static void nesting()
{
    printf("nesting\n");
    try { throw 3; } catch (...) { lippincott(); }
    try { throw Derived(1); } catch (...) { lippincott(); }
    try { throw 1.0; } catch (...) { lippincott(); }
    printf("%d\n", nested_value());
    try {
        try { throw 1; } catch (int) {
            try { throw 'x'; } catch (char) { printf("inner done, "); }
            throw;
        }
    } catch (int n) {
        printf("outer int %d\n", n);
    }
    try {
        try { throw 1; } catch (int) {
            try { Guard g("g"); throw; } catch (int n) { printf("same %d ", n); throw n + 1; }
        }
    } catch (int n) {
        printf("then %d\n", n);
    }
    printf("handling %d", *__current_exception() != nullptr);
    try { throw 1; } catch (int) { printf(" %d", *__current_exception() != nullptr); }
    printf(" %d\n", *__current_exception() != nullptr);
}

struct Member { const char *n; explicit Member(const char *s) : n(s) { printf("+%s ", n); } ~Member() { printf("~%s ", n); } };
struct Whole {
    Member one, two;
    Whole(bool fail) try : one("one"), two("two") {
        if (fail) throw 5;
        printf("made ");
    } catch (int n) {
        printf("constructor block %d ", n);
        throw n + 1;
    }
    ~Whole() { printf("~Whole "); }
};
struct Element {
    static int made;
    int number;
    Element() : number(made++) { if (number == 3) throw number; printf("+%d ", number); }
    ~Element() { printf("~%d ", number); }
};
int Element::made;

static int in_function(int n) try {
    if (n)
        throw n;
    return 0;
} catch (int caught) {
    return caught * 2;
}

struct Quiet { ~Quiet() { try { throw 9; } catch (int n) { printf("(quiet %d %d)", n, __uncaught_exceptions()); } } };

static void construction()
{
    printf("construction\n");
    try { Whole w(false); } catch (...) { printf("no\n"); }
    printf("\n");
    try { Whole w(true); } catch (int n) { printf("outside %d\n", n); }
    try { delete new Whole(true); } catch (int n) { printf("new gave %d\n", n); }
    try { Element *e = new Element[5]; delete[] e; } catch (int n) { printf("array stopped at %d\n", n); }
    printf("%d %d\n", in_function(0), in_function(21));
    try { Quiet q; throw 1; } catch (int n) { printf(" caught %d\n", n); }
}

static void often()
{
    int sum = 0;
    size_t lowest = ~0ull, highest = 0;
    for (int i = 0; i < 10000; i++) {
        try { throw_it(i); } catch (int n) {
            sum += n & 1;
            size_t where = size_t(&n);
            lowest = where < lowest ? where : lowest;
            highest = where > highest ? where : highest;
        }
    }
    printf("often %d %d\n", sum, int(highest - lowest));
}

static void done() { printf("terminate handler %d\n", *__current_exception() != nullptr); exit(4); }
static void no_throw() noexcept { Guard g("noexcept"); throw 1; }
struct Loud { ~Loud() noexcept(false) { throw 2; } };

int run(const char *argument)
{
    set_terminate(done);
    if (!strcmp(argument, "noexcept")) {
        void (*volatile quiet)() = no_throw;
        try { quiet(); } catch (...) { printf("caught\n"); }
    } else if (!strcmp(argument, "uncaught")) {
        Guard g("uncaught");
        throw 1;
    } else if (!strcmp(argument, "nothing")) {
        throw;
    } else if (!strcmp(argument, "destructor")) {
        try { Loud loud; throw 1; } catch (...) { printf("caught\n"); }
    } else if (!strcmp(argument, "many")) {
        often();
    } else {
        matching();
        objects();
        unwinding();
        nesting();
        construction();
    }
    return 0;
}
