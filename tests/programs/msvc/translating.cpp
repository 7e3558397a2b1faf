// Compiled with /EHa (-fasync-exceptions): faults of the processor as C++ exceptions, and translators that give them types.
#include "runtime.h"

struct Pointers { size_t *record; void *context; };
typedef void (*Translator)(unsigned code, Pointers *);
typedef unsigned long (*ThreadStart)(void *);
extern "C" {
Translator _set_se_translator(Translator translator);
int __uncaught_exceptions();
__declspec(dllimport) HANDLE CreateThread(void *, size_t, ThreadStart, void *, DWORD, DWORD *);
__declspec(dllimport) DWORD WaitForSingleObject(HANDLE, DWORD);
__declspec(dllimport) int GetExitCodeThread(HANDLE, DWORD *);
typedef void (*terminate_handler)();
terminate_handler set_terminate(terminate_handler handler);
terminate_handler set_unexpected(terminate_handler handler);
terminate_handler _get_unexpected();
void unexpected();
}

struct Fault {
    unsigned code;
    size_t address;
};
struct WriteFault : Fault {};
struct Guard {
    const char *name;
    explicit Guard(const char *n) : name(n) {}
    ~Guard() { printf("~%s ", name); }
};

static int translations;
static DWORD code_of(Pointers *p) { return *(DWORD *)p->record; }
static void translate(unsigned code, Pointers *p)
{
    Guard g("translator");
    translations++;
    if (code != code_of(p))
        printf("wrong code ");
    if (code == 0xC0000005 && p->record[4] == 1)
        throw WriteFault{code, p->record[5]};
    throw Fault{code, 0};
}
static void quietly(unsigned code, Pointers *p) { throw WriteFault{code, p->record[5]}; }
static void returns(unsigned code, Pointers *)
{
    translations++;
    printf("(returns %x) ", code);
}
static void declines(unsigned code, Pointers *p)
{
    translations++;
    if (code == 0xC0000094)
        throw Fault{code, 0};
    printf("(not %x) ", code);
}

__attribute__((noinline)) static void write_to(size_t address)
{
    Guard g("write");
    *(volatile int *)address = 1;
    printf("not reached ");
}
static volatile int quotient;
__attribute__((noinline)) static void divide(int a, volatile int *b)
{
    Guard g("divide");
    quotient = a / *b;
}
__attribute__((noinline)) static void raise(DWORD code)
{
    Guard g("raise");
    size_t what[2] = {7, 8};
    RaiseException(code, 0, 2, what);
    printf("goes on ");
}
static volatile int zero;

static void everything()
{
    printf("catch (...)\n");
    try { write_to(16); } catch (...) { printf("access violation\n"); }
    try { divide(1, &zero); } catch (...) { printf("division\n"); }
    try { raise(0xE0001234); } catch (...) { printf("raised\n"); }
    try {
        Guard g("outer");
        try { write_to(24); } catch (int) { printf("never "); }
        printf("not reached ");
    } catch (...) { printf("passed catch (int)\n"); }
    try {
        try { Guard g("inner"); write_to(32); } catch (...) { printf("once "); throw; }
    } catch (...) { printf("again\n"); }
    try {
        Guard g("in this function");
        *(volatile int *)40 = 1;
    } catch (...) { printf("same function\n"); }
}

static void types()
{
    printf("translated\n");
    Translator before = _set_se_translator(translate);
    printf("before %d\n", before != nullptr);
    translations = 0;
    try { write_to(0x50); } catch (Fault &f) { printf("fault %x at %x\n", f.code, unsigned(f.address)); }
    try { write_to(0x58); } catch (WriteFault f) { printf("write fault %x at %x\n", f.code, unsigned(f.address)); }
    try { divide(1, &zero); } catch (WriteFault &) { printf("never\n"); } catch (Fault f) { printf("fault %x\n", f.code); }
    try { raise(0xE0001234); } catch (const Fault &f) { printf("fault %x\n", f.code); }
    try { write_to(0x60); } catch (...) { printf("anything\n"); }
    try {
        struct Counts { ~Counts() { printf("%d on its way ", __uncaught_exceptions()); } } c;
        write_to(0x64);
    } catch (WriteFault &) { printf("%d left\n", __uncaught_exceptions()); }
    try { throw 5; } catch (Fault &) { printf("never\n"); } catch (int n) { printf("no fault %d\n", n); }
    printf("translated %d\n", translations);
    translations = 0;
    try {
        Guard g("outer");
        try {
            try { write_to(0x68); } catch (int) { printf("never "); }
        } catch (const char *) { printf("never "); }
    } catch (WriteFault &f) { printf("through three at %x, translated %d\n", unsigned(f.address), translations); }
    try {
        try { write_to(0x70); } catch (Fault &) { printf("once "); throw; }
    } catch (WriteFault &f) { printf("again at %x\n", unsigned(f.address)); }
    printf("%d\n", _set_se_translator(nullptr) == translate);
    try { write_to(0x78); } catch (Fault &) { printf("never\n"); } catch (...) { printf("no translator\n"); }
}

__attribute__((noinline)) static void middle(size_t address)
{
    Guard g("middle");
    try { write_to(address); } catch (int) { printf("never "); }
}

static void returning()
{
    printf("returning\n");
    _set_se_translator(returns);
    translations = 0;
    try { write_to(0x80); } catch (...) { printf("caught after %d\n", translations); }
    translations = 0;
    try { middle(0x88); } catch (...) { printf("caught after %d\n", translations); }
    _set_se_translator(declines);
    translations = 0;
    try { middle(0x90); } catch (Fault &) { printf("never\n"); } catch (...) { printf("caught after %d\n", translations); }
    try { divide(1, &zero); } catch (Fault &f) { printf("fault %x\n", f.code); }
    _set_se_translator(nullptr);
}

static void nested()
{
    printf("nested\n");
    _set_se_translator(quietly);
    try {
        write_to(0xA0);
    } catch (Fault &f) {
        printf("first at %x ", unsigned(f.address));
        try {
            Guard g("second");
            divide(2, &zero);
        } catch (Fault &second) { printf("second %x ", second.code); }
        printf("still at %x\n", unsigned(f.address));
    }
    try {
        try { write_to(0xA8); } catch (Fault &) { Guard g("catch block"); write_to(0xB0); }
    } catch (Fault &f) { printf("from the catch block at %x\n", unsigned(f.address)); }
    struct Careful {
        ~Careful() { try { write_to(0xB8); } catch (Fault &f) { printf("destructor's at %x ", unsigned(f.address)); } }
    };
    try { Careful c; throw 1; } catch (int n) { printf("%d\n", n); }
    try { Careful c; write_to(0xC0); } catch (Fault &f) { printf("at %x\n", unsigned(f.address)); }
    _set_se_translator(nullptr);
}

__attribute__((noinline)) static void with_finally()
{
    __try { *(volatile int *)0xD0 = 1; } __finally { printf("finally "); }
}
__attribute__((noinline)) static int with_except()
{
    __try { *(volatile int *)0xD8 = 1; } __except (1) { printf("__except first\n"); return 1; }
    return 0;
}
__attribute__((noinline)) static int around()
{
    __try { middle(0xE0); } __except (1) { printf("__except outside\n"); return 1; }
    return 0;
}

static void with_c()
{
    printf("with __try\n");
    _set_se_translator(translate);
    translations = 0;
    try { with_finally(); } catch (Fault &f) { printf("caught %x at %x\n", f.code, unsigned(f.address)); }
    printf("translated %d\n", translations);
    try { with_except(); } catch (Fault &) { printf("never\n"); }
    printf("translated %d\n", translations);
    around();
    printf("translated %d\n", translations);
    _set_se_translator(nullptr);
    around();
}

static unsigned long thread(void *)
{
    int answer = 0;
    try { write_to(0xF0); } catch (Fault &) { printf("never\n"); } catch (...) { printf("none here\n"); answer = 1; }
    printf("%d\n", _set_se_translator(returns) == nullptr);
    return answer;
}

static void threads()
{
    printf("threads\n");
    _set_se_translator(translate);
    DWORD code = 0;
    HANDLE other = CreateThread(nullptr, 0, thread, nullptr, 0, nullptr);
    WaitForSingleObject(other, ~0ul);
    GetExitCodeThread(other, &code);
    printf("%lu ", code);
    try { write_to(0xF8); } catch (Fault &f) { printf("mine at %x\n", unsigned(f.address)); }
    _set_se_translator(nullptr);
}

__attribute__((noinline)) static void silently(int n) { quotient = n / zero; }

static void often()
{
    _set_se_translator(declines);
    int sum = 0;
    size_t lowest = ~0ull, highest = 0;
    for (int i = 0; i < 500; i++) {
        try { silently(i); } catch (Fault &f) {
            sum += f.code == 0xC0000094;
            size_t where = size_t(&f);
            lowest = where < lowest ? where : lowest;
            highest = where > highest ? where : highest;
        }
    }
    printf("often %d %d\n", sum, int(highest - lowest));
}

static void done() { printf("terminate handler\n"); exit(4); }
static void not_expected() { printf("unexpected handler\n"); exit(5); }
struct Loud { ~Loud() noexcept(false) { write_to(0x108); } };

int run(const char *argument)
{
    terminate_handler before = set_terminate(done);
    if (!strcmp(argument, "destructor")) {
        _set_se_translator(translate);
        try { Loud loud; throw 1; } catch (...) { printf("caught\n"); }
    } else if (!strcmp(argument, "uncaught")) {
        _set_se_translator(translate);
        try { write_to(0x110); } catch (int) { printf("caught\n"); }
    } else if (!strcmp(argument, "handlers")) {
        printf("%d %d ", before == done, set_terminate(done) == done);
        printf("%d ", _get_unexpected() == not_expected);
        set_unexpected(not_expected);
        printf("%d ", _get_unexpected() == not_expected);
        unexpected();
    } else if (!strcmp(argument, "unexpected")) {
        unexpected();
    } else if (!strcmp(argument, "often")) {
        often();
    } else {
        everything();
        types();
        returning();
        nested();
        with_c();
        threads();
    }
    return 0;
}
