/* What a program finds about itself without calling anybody: TEB, PEB, loader lists, exports, shared data. */
#include <stdio.h>
#include <string.h>
#include <intrin.h>
#include <windows.h>
#include <winternl.h>

static int failures;
#define CHECK(condition) do { if (!(condition)) { printf("%d: %s\n", __LINE__, #condition); failures++; } } while (0)

typedef struct {
    LIST_ENTRY load, memory, init;
    char *base, *entry;
    ULONG size;
    UNICODE_STRING path, name;
} MODULE;

static unsigned hash(const char *text)
{
    unsigned value = 5381;
    while (*text)
        value = value * 33 + (unsigned char)*text++;
    return value;
}

static unsigned hash_wide(UNICODE_STRING *text)
{
    unsigned value = 5381;
    int i;
    for (i = 0; i < text->Length / 2; i++)
        value = value * 33 + (text->Buffer[i] | 0x20);
    return value;
}

static char *export_by_hash(char *base, unsigned wanted)
{
    IMAGE_NT_HEADERS64 *nt = (void *)(base + ((IMAGE_DOS_HEADER *)base)->e_lfanew);
    IMAGE_EXPORT_DIRECTORY *table = (void *)(base + nt->OptionalHeader.DataDirectory[0].VirtualAddress);
    DWORD *names = (DWORD *)(base + table->AddressOfNames), *functions = (DWORD *)(base + table->AddressOfFunctions);
    WORD *ordinals = (WORD *)(base + table->AddressOfNameOrdinals);
    DWORD i;

    CHECK(((IMAGE_DOS_HEADER *)base)->e_magic == IMAGE_DOS_SIGNATURE);
    CHECK(nt->Signature == IMAGE_NT_SIGNATURE && nt->OptionalHeader.Magic == IMAGE_NT_OPTIONAL_HDR64_MAGIC);
    for (i = 1; i < table->NumberOfNames; i++)
        CHECK(strcmp(base + names[i - 1], base + names[i]) < 0);
    for (i = 0; i < table->NumberOfNames; i++)
        if (hash(base + names[i]) == wanted)
            return base + functions[ordinals[i]];
    return NULL;
}

static MODULE *find(char *peb, int offset, unsigned wanted, int *count)
{
    char *data = *(char **)(peb + 0x18);
    LIST_ENTRY *head = (LIST_ENTRY *)(data + 0x10 + offset), *at;
    MODULE *found = NULL;

    *count = 0;
    for (at = head->Flink; at != head; at = at->Flink) {
        MODULE *module = (MODULE *)((char *)at - offset);
        CHECK(at->Flink->Blink == at && at->Blink->Flink == at);
        if (hash_wide(&module->name) == wanted)
            found = module;
        ++*count;
    }
    return found;
}

int main(int argc, char **argv)
{
    char *teb = (char *)__readgsqword(0x30), *peb = (char *)__readgsqword(0x60);
    char *low = (char *)__readgsqword(0x10), *high = (char *)__readgsqword(0x08), local, *parameters, *shared = (char *)0x7ffe0000;
    unsigned kernel32 = hash("kernel32.dll"), program = hash("layout.exe");
    int loaded, in_memory, initialised, i, changes = 0, backwards = 0;
    MODULE *module;
    volatile ULONGLONG first;
    DWORD (WINAPI *get_id)(void);

    CHECK((char *)NtCurrentTeb() == teb && *(char **)(teb + 0x60) == peb);
    CHECK(low < &local && &local < high && ((ULONG_PTR)low & 0xfff) == 0);
    CHECK(*(ULONGLONG *)(teb + 0x40) == GetCurrentProcessId() && *(ULONGLONG *)(teb + 0x48) == GetCurrentThreadId());
    SetLastError(0x1234);
    CHECK(*(DWORD *)(teb + 0x68) == 0x1234);
    *(DWORD *)(teb + 0x68) = 0x4321;
    CHECK(GetLastError() == 0x4321);
    CHECK(peb[2] == 0 && *(char **)(peb + 0x10) == (char *)GetModuleHandleA(NULL));
    CHECK(*(HANDLE *)(peb + 0x30) == GetProcessHeap());
    CHECK(*(DWORD *)(peb + 0x118) >= 6 && *(DWORD *)(peb + 0xb8) >= 1);
    parameters = *(char **)(peb + 0x20);
    CHECK(wcscmp(((UNICODE_STRING *)(parameters + 0x70))->Buffer, GetCommandLineW()) == 0);
    CHECK(*(HANDLE *)(parameters + 0x28) == GetStdHandle(STD_OUTPUT_HANDLE));
    module = find(peb, 0x00, program, &loaded);
    CHECK(module && module->base == (char *)GetModuleHandleA(NULL));
    CHECK(module && find(peb, 0x10, program, &in_memory) == module);
    CHECK(find(peb, 0x20, program, &initialised) == NULL);
    CHECK(*(char **)((*(char **)(peb + 0x18)) + 0x10) == (char *)module);
    CHECK(loaded == in_memory && initialised == loaded - 1);
    module = find(peb, 0x10, kernel32, &in_memory);
    CHECK(module && module == find(peb, 0x20, kernel32, &initialised));
    CHECK(module && module->base == (char *)GetModuleHandleA("kernel32.dll"));
    get_id = module ? (void *)export_by_hash(module->base, hash("GetCurrentProcessId")) : NULL;
    CHECK(get_id != NULL && get_id() == GetCurrentProcessId());
    CHECK((void *)get_id == (void *)GetProcAddress((HMODULE)module->base, "GetCurrentProcessId"));
    first = *(volatile ULONGLONG *)(shared + 0x08);
    for (i = 0; i < 2000000000 && changes < 20; i++) {
        ULONGLONG now = *(volatile ULONGLONG *)(shared + 0x08);
        changes += now != first;
        backwards += now < first;
        first = now;
    }
    CHECK(changes == 20 && backwards == 0);
    CHECK(*(DWORD *)(shared + 0x08 + 8) == *(DWORD *)(shared + 0x08 + 4));
    CHECK(*(DWORD *)(shared + 0x26c) == *(DWORD *)(peb + 0x118));
    CHECK(memcmp(shared + 0x30, L"C:\\", 6) == 0);
    printf("%d failures\n", failures);
    return failures != 0;
}
