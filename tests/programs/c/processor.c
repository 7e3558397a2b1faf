/* What a program is told of the processor: by CPUID and XGETBV, by Windows, and by what it executes. All agree. */
#include <cpuid.h>
#include <stdio.h>
#include <string.h>
#include <windows.h>

#define SHARED 0x7FFE0000u
#define XSTATE_AVX_BIT 4

typedef struct { unsigned leaf, reg, bit; } Flag;
static const struct { int feature; const char *name; Flag flag; } known[] = {
    {PF_COMPARE_EXCHANGE_DOUBLE, "cmpxchg8b", {1, 3, 8}}, {PF_MMX_INSTRUCTIONS_AVAILABLE, "mmx", {1, 3, 23}},
    {PF_XMMI_INSTRUCTIONS_AVAILABLE, "sse", {1, 3, 25}}, {PF_RDTSC_INSTRUCTION_AVAILABLE, "rdtsc", {1, 3, 4}},
    {PF_PAE_ENABLED, "pae", {1, 3, 6}}, {PF_XMMI64_INSTRUCTIONS_AVAILABLE, "sse2", {1, 3, 26}},
    {PF_SSE3_INSTRUCTIONS_AVAILABLE, "sse3", {1, 2, 0}}, {PF_COMPARE_EXCHANGE128, "cmpxchg16b", {1, 2, 13}},
    {PF_XSAVE_ENABLED, "xsave", {1, 2, 27}}, {PF_SSSE3_INSTRUCTIONS_AVAILABLE, "ssse3", {1, 2, 9}},
    {PF_SSE4_1_INSTRUCTIONS_AVAILABLE, "sse4.1", {1, 2, 19}}, {PF_SSE4_2_INSTRUCTIONS_AVAILABLE, "sse4.2", {1, 2, 20}},
    {PF_AVX_INSTRUCTIONS_AVAILABLE, "avx", {1, 2, 28}}, {PF_AVX2_INSTRUCTIONS_AVAILABLE, "avx2", {7, 1, 5}},
};

static int has(Flag f)
{
    unsigned r[4] = {0};
    __cpuid_count(f.leaf, 0, r[0], r[1], r[2], r[3]);
    return r[f.reg] >> f.bit & 1;
}

static ULONG64 xcr0(void)
{
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low | (ULONG64)high << 32;
}

static int illegal;

static LONG CALLBACK refused(EXCEPTION_POINTERS *p)
{
    if (p->ExceptionRecord->ExceptionCode != EXCEPTION_ILLEGAL_INSTRUCTION)
        return EXCEPTION_CONTINUE_SEARCH;
    illegal = 1;
    p->ContextRecord->Rip = p->ContextRecord->Rcx;
    return EXCEPTION_CONTINUE_EXECUTION;
}

/* Whether an AVX instruction is executed. Where there is none, an emulator may do so all the same. */
static int runs(void)
{
    illegal = 0;
    __asm__ volatile("lea 1f(%%rip), %%rcx\n vaddps %%ymm1, %%ymm2, %%ymm3\n vzeroupper\n1:" : : : "rcx", "xmm1", "xmm2", "xmm3");
    return !illegal;
}

int main(void)
{
    void *handler = AddVectoredExceptionHandler(1, refused);
    ULONG64 enabled = xcr0(), contexts = GetEnabledXStateFeatures();
    for (unsigned i = 0; i < sizeof known / sizeof *known; i++)
        printf("%s: %s\n", known[i].name, IsProcessorFeaturePresent(known[i].feature) == has(known[i].flag) ? "agreed" : "not agreed");
    int avx = IsProcessorFeaturePresent(PF_AVX_INSTRUCTIONS_AVAILABLE);
    printf("an avx instruction: %s\n", !avx || runs() ? "agreed" : "not agreed");
    RemoveVectoredExceptionHandler(handler);

    unsigned a, b, c, d;
    __cpuid_count(0xD, 0, a, b, c, d);
    printf("what can be enabled has what is: %d\n", !(enabled & ~(a | (ULONG64)d << 32)));
    printf("what contexts carry is enabled: %d, with avx where that is: %d\n", !(contexts & ~enabled),
           !(contexts & XSTATE_AVX_BIT) == !avx);
    unsigned size = 512 + 64;
    for (int feature = 2; feature < 63; feature++)
        if (enabled >> feature & 1) {
            unsigned length, offset, x, y;
            __cpuid_count(0xD, feature, length, offset, x, y);
            if (offset + length > size)
                size = offset + length;
        }
    printf("size of what is enabled: %d, of all no less: %d\n", b == size, c >= b);

    const unsigned char *shared = (const unsigned char *)(ULONG_PTR)SHARED;
    const ULONG64 *features = (const ULONG64 *)(shared + 0x3D8);
    const unsigned *rest = (const unsigned *)(shared + 0x3E8);
    unsigned more, x, y;
    __cpuid_count(0xD, 1, a, more, x, y);
    printf("shared: %d, size %d, save optimized %d, compacted %d\n", features[0] == contexts && features[1] == contexts,
           rest[0] == (avx ? 832 : 576), (int)(rest[1] & 1) == (int)(a & 1), (int)(rest[1] >> 1 & 1) == (int)(a >> 1 & 1));
    printf("parts: %u %u, %u %u, avx %d\n", rest[2], rest[3], rest[4], rest[5], rest[6] == (avx ? 576 : 0) && rest[7] == (avx ? 256 : 0));

    static unsigned char area[16384] __attribute__((aligned(64)));
    memset(area, 0, sizeof area);
    __asm__ volatile("xsave %0" : "+m"(area) : "a"(-1), "d"(-1) : "memory");
    printf("saved: %d\n", !(*(ULONG64 *)(area + 512) & ~enabled));
    return 0;
}
