/* Errors of mathematical functions: what the program's handler is told, and what becomes of its answer. */
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

typedef int(__cdecl *Handler)(struct _exception *);
typedef double(__cdecl *One)(double);
typedef double(__cdecl *Two)(double, double);
typedef double(__cdecl *Scaled)(double, int);
typedef float(__cdecl *OneSingle)(float);

static struct _exception last;
static int calls, answer, failures;
static double replaced;
static One nested;

static int __cdecl handler(struct _exception *error)
{
    calls++;
    last = *error;
    if (replaced)
        error->retval = replaced;
    if (nested) { /* a handler may meet an error of its own */
        One call = nested;
        nested = NULL;
        call(-4);
        last = *error;
    }
    return answer;
}

#define CHECK(x) check((x) != 0, #x, __LINE__)

static void check(int holds, const char *what, int line)
{
    if (!holds) {
        failures++;
        printf("line %d: %s: %d calls, type %d, result %g, errno %d\n", line, what, calls, last.type, last.retval, errno);
    }
}

static int told(int type, const char *name, double x, double y)
{
    return calls == 1 && last.type == type && !strcmp(last.name, name) && last.arg1 == x && last.arg2 == y;
}

static void begin(void)
{
    memset(&last, 0, sizeof last);
    calls = answer = 0;
    replaced = 0;
    errno = 77;
}

int main(void)
{
    HMODULE crt = GetModuleHandleA("msvcrt.dll");
    void(__cdecl * set)(Handler) = (void *)GetProcAddress(crt, "__setusermatherr");
    One sqrt_ = (One)GetProcAddress(crt, "sqrt"), log_ = (One)GetProcAddress(crt, "log");
    One exp_ = (One)GetProcAddress(crt, "exp"), acos_ = (One)GetProcAddress(crt, "acos");
    Two pow_ = (Two)GetProcAddress(crt, "pow"), fmod_ = (Two)GetProcAddress(crt, "fmod");
    Scaled ldexp_ = (Scaled)GetProcAddress(crt, "ldexp");
    OneSingle expf_ = (OneSingle)GetProcAddress(crt, "expf"), logf_ = (OneSingle)GetProcAddress(crt, "logf");
    double r;

    set(handler);

    begin(), r = sqrt_(4);
    CHECK(r == 2 && !calls && errno == 77);
    begin(), r = sqrt_(-1);
    CHECK(_isnan(r) && told(_DOMAIN, "sqrt", -1, 0) && _isnan(last.retval) && errno == EDOM);
    begin(), r = acos_(2);
    CHECK(_isnan(r) && told(_DOMAIN, "acos", 2, 0) && errno == EDOM);
    begin(), r = log_(0);
    CHECK(r == -HUGE_VAL && told(_SING, "log", 0, 0) && last.retval == -HUGE_VAL && errno == ERANGE);
    begin(), r = logf_(0);
    CHECK(r == -HUGE_VAL && told(_SING, "logf", 0, 0) && errno == ERANGE);
    begin(), r = exp_(1000);
    CHECK(r == HUGE_VAL && told(_OVERFLOW, "exp", 1000, 0) && errno == ERANGE);
    begin(), r = expf_(100);
    CHECK(r == HUGE_VAL && told(_OVERFLOW, "expf", 100, 0) && errno == ERANGE);
    begin(), r = pow_(0, -1);
    CHECK(r == HUGE_VAL && told(_SING, "pow", 0, -1) && errno == ERANGE);
    begin(), r = pow_(-1, 0.5);
    CHECK(_isnan(r) && told(_DOMAIN, "pow", -1, 0.5) && errno == EDOM);
    begin(), r = pow_(-2, 1e9 + 1);
    CHECK(r == -HUGE_VAL && told(_OVERFLOW, "pow", -2, 1e9 + 1) && errno == ERANGE);
    begin(), r = fmod_(HUGE_VAL, 1);
    CHECK(_isnan(r) && told(_DOMAIN, "fmod", HUGE_VAL, 1) && errno == EDOM);
    begin(), r = ldexp_(-1, 2000);
    CHECK(r == -HUGE_VAL && told(_OVERFLOW, "ldexp", -1, 2000) && errno == ERANGE);

    /* what is too small is told, and no error */
    begin(), r = exp_(-1000);
    CHECK(r == 0 && told(_UNDERFLOW, "exp", -1000, 0) && errno == 77);
    begin(), r = expf_(-1000);
    CHECK(r == 0 && told(_UNDERFLOW, "expf", -1000, 0) && errno == 77);
    begin(), r = pow_(0.5, 1e9);
    CHECK(r == 0 && told(_UNDERFLOW, "pow", 0.5, 1e9) && errno == 77);
    begin(), r = ldexp_(1, -2000);
    CHECK(r == 0 && told(_UNDERFLOW, "ldexp", 1, -2000) && errno == 77);
    begin(), r = exp_(-HUGE_VAL);
    CHECK(r == 0 && !calls && errno == 77);
    begin(), r = pow_(0, 5);
    CHECK(r == 0 && !calls && errno == 77);

    /* its result counts; where it says so, errno stays */
    begin(), replaced = 42, r = sqrt_(-1);
    CHECK(r == 42 && calls == 1 && errno == EDOM);
    begin(), replaced = 42, answer = 1, r = sqrt_(-1);
    CHECK(r == 42 && calls == 1 && errno == 77);
    begin(), answer = -1, r = log_(0);
    CHECK(r == -HUGE_VAL && calls == 1 && errno == 77);
    begin(), answer = 1, replaced = 1.5, r = logf_(-1);
    CHECK(r == 1.5 && calls == 1 && errno == 77);
    begin(), answer = 1, replaced = 7, nested = sqrt_, r = log_(-3);
    CHECK(r == 7 && calls == 2 && last.arg1 == -3 && errno == 77);

    set(NULL);
    begin(), r = sqrt_(-1);
    CHECK(_isnan(r) && !calls && errno == EDOM);

    printf("%d failures\n", failures);
    return failures != 0;
}
