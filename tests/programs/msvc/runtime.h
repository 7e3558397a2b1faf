// What programs built by clang for the Microsoft ABI need here, without Microsoft's headers and libraries.
#pragma once

typedef unsigned long long size_t;
typedef unsigned long DWORD;
typedef void *HANDLE;

extern "C" {
int printf(const char *format, ...);
void *malloc(size_t size);
void free(void *memory);
void *memcpy(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
char *strrchr(const char *text, int c);
int strcmp(const char *one, const char *other);
void qsort(void *base, size_t count, size_t width, int (*compare)(const void *, const void *));
[[noreturn]] void exit(int code);
char *GetCommandLineA();
HANDLE GetStdHandle(DWORD which);
__declspec(dllimport) void RaiseException(DWORD code, DWORD flags, DWORD count, const size_t *arguments);
}

inline void *operator new(size_t, void *where) noexcept { return where; }

// Each program has this: what it does for an argument, and its exit code.
int run(const char *argument);
