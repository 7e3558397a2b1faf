/* A thread's own storage. */
#include "common.h"

enum { LAST_ERROR = 0x68, TLS_SLOTS = 0x1480, FLS_DATA = 0x17C8, FLS_CHUNKS = 16, FLS_FIRST = 16, FLS_COUNT = 4080 };

extern int slow_TlsSetValue(unsigned, void *) __asm__("slow");
int kernel32__TlsSetValue(unsigned index, void *value)
{
    if (index >= 64)
        return slow_TlsSetValue(index, value);
    ((void *__seg_gs *)TLS_SLOTS)[index] = value;
    return 1;
}

/* As executive/fiberstorage.py lays it out. */
extern void *slow_FlsGetValue(unsigned) __asm__("slow");
void *kernel32__FlsGetValue(unsigned index)
{
    byte *block = TEB(byte *, FLS_DATA);
    if (!block || !index || index >= FLS_COUNT)
        return slow_FlsGetValue(index);
    unsigned chunk = 27 - __builtin_clz(index + FLS_FIRST), at = index + FLS_FIRST - (FLS_FIRST << chunk);
    void **values = ((void ***)(block + FLS_CHUNKS))[chunk];
    TEB(unsigned, LAST_ERROR) = 0;
    return values ? values[1 + at] : 0;
}
