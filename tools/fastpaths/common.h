/* Machine code for API functions that are called all the time and need nothing of the host, as ../fastpaths.s, for those that
   are too long for assembler. tools/gen_fastpaths.py compiles each file of this folder; a function is called DLL__NAME, or
   DLL__NAME__native for engines on which code runs at the processor's speed. It returns, or leaves the case to the host by
   returning `slow(...)` with its own arguments: the compiler makes that a jump into the stub. No other function is called
   but those of the program, there are no constants in memory, and what has a frame has unwind information: an exception
   may pass through qsort. */

typedef unsigned long long size_t;
typedef unsigned short wchar;
typedef unsigned char byte;
typedef size_t __attribute__((may_alias, aligned(1))) word;

#define INLINE static inline __attribute__((always_inline))

/* A field of the thread's TEB. */
#define TEB(type, offset) (*(type __seg_gs *)(offset))

/* No text or array is larger. */
#define LARGEST (1LL << 47)

#define LENGTH(text) ({ size_t n = 0; while ((text)[n]) n++; n; })

/* Copies from the front, so it is not for a target behind the source; the host takes the source first. */
#define COPY(type, name, RESULT_AT)                                                          \
    extern type *slow_##name(type *, const type *) __asm__("slow");                         \
    type *msvcrt__##name(type *target, const type *source)                                   \
    {                                                                                        \
        size_t count = LENGTH(source) + 1, at = RESULT_AT;                                   \
        if ((size_t)((byte *)(target + at) - (byte *)source) < count * sizeof(type))         \
            return slow_##name(target, source);                                              \
        for (size_t n = 0; n < count; n++)                                                   \
            target[at + n] = source[n];                                                      \
        return target;                                                                       \
    }
