// Run-time type information: dynamic_cast and typeid, the exceptions that they throw, and the names of types.
#include "runtime.h"
#pragma clang diagnostic ignored "-Wpotentially-evaluated-expression"

class type_info {
public:
    virtual ~type_info();
    const void *undecorated;
    char decorated[1];
};
namespace std {
using ::type_info;
class exception {
public:
    exception() : text(nullptr), owned(false) {}
    exception(const exception &other) : text(other.text), owned(false) {}
    virtual ~exception() {}
    virtual const char *what() const { return text ? text : "nothing"; }
    const char *text;
    bool owned;
};
class bad_cast : public exception {};
class bad_typeid : public exception {};
class __non_rtti_object : public bad_typeid {};
}

struct Base { int base = 1; virtual ~Base() {} };
struct Other { int other = 2; virtual ~Other() {} };
struct Derived : Base, Other { int derived = 3; };
struct Left : virtual Base { int left = 4; };
struct Right : virtual Base { int right = 5; };
struct Diamond : Left, Right { int diamond = 6; };
template <class T> struct Wrapped : Base { T value; };

template <class T> __attribute__((noinline)) static T *hide(T *p) { T *volatile kept = p; return kept; }

static void casts()
{
    Derived d;
    Base *b = hide<Base>(&d);
    Other *o = hide<Other>(&d);
    printf("down %d across %d up %d\n", dynamic_cast<Derived *>(b)->derived, dynamic_cast<Other *>(b)->other,
           dynamic_cast<Base *>(o)->base);
    printf("whole %d %d\n", dynamic_cast<void *>(o) == &d, dynamic_cast<void *>(b) == &d);
    Diamond m;
    Base *v = hide<Base>(&m);
    printf("virtual %d %d none %d\n", dynamic_cast<Right *>(v)->right, dynamic_cast<Diamond *>(v)->diamond,
           dynamic_cast<Derived *>(v) == nullptr);
    printf("null %d\n", dynamic_cast<Derived *>(hide<Base>(nullptr)) == nullptr);
}

static void names()
{
    Wrapped<int> w;
    Derived d;
    printf("%s %s %s\n", typeid(*hide<Base>(&w)).decorated, typeid(*hide<Other>(&d)).decorated, typeid(int *).decorated);
}

static void failures()
{
    Base plain;
    try {
        printf("%d\n", dynamic_cast<Derived &>(*hide<Base>(&plain)).derived);
    } catch (std::bad_cast &e) {
        printf("bad cast: %s\n", e.what());
    }
    try {
        printf("%s\n", typeid(*hide<Base>(nullptr)).decorated);
    } catch (std::bad_typeid e) {
        printf("bad typeid: %d\n", e.what()[0] != 0);
    }
    try {
        (void)dynamic_cast<Derived &>(*hide<Base>(&plain));
    } catch (std::exception &e) {
        printf("some exception: %s\n", e.what());
    }
}

int run(const char *)
{
    casts();
    names();
    failures();
    return 0;
}
