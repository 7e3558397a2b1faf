/* Asks a C runtime which errno it gives for each Win32 error, and prints "error<TAB>errno" for those that are not EINVAL.
 *
 *     probe_crt_errno.exe msvcrt.dll|ucrtbase.dll
 *
 * The runtime's import of DeleteFileW is made to point at a function that fails with the error to be asked about; then
 * _wremove is called.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <windows.h>

static DWORD error_to_give;
static int calls;

static BOOL WINAPI failing_delete(const WCHAR *name)
{
    (void)name;
    calls++;
    SetLastError(error_to_give);
    return FALSE;
}

static int redirect(HMODULE module, const char *function, void *target)
{
    BYTE *base = (BYTE *)module;
    IMAGE_NT_HEADERS *headers = (IMAGE_NT_HEADERS *)(base + ((IMAGE_DOS_HEADER *)base)->e_lfanew);
    IMAGE_IMPORT_DESCRIPTOR *dll = (IMAGE_IMPORT_DESCRIPTOR *)(base +
        headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT].VirtualAddress);
    int done = 0;

    for (; dll->Name; dll++) {
        IMAGE_THUNK_DATA *name = (IMAGE_THUNK_DATA *)(base + dll->OriginalFirstThunk);
        IMAGE_THUNK_DATA *slot = (IMAGE_THUNK_DATA *)(base + dll->FirstThunk);

        for (; name->u1.AddressOfData; name++, slot++) {
            DWORD old;

            if (IMAGE_SNAP_BY_ORDINAL(name->u1.Ordinal)) continue;
            if (strcmp(((IMAGE_IMPORT_BY_NAME *)(base + name->u1.AddressOfData))->Name, function)) continue;
            VirtualProtect(slot, sizeof(*slot), PAGE_READWRITE, &old);
            slot->u1.Function = (ULONG_PTR)target;
            done++;
        }
    }
    return done;
}

int main(int argc, char **argv)
{
    HMODULE runtime = argc > 1 ? LoadLibraryA(argv[1]) : NULL;
    int(__cdecl *remove_file)(const WCHAR *);
    int *(__cdecl *runtime_errno)(void);

    if (!runtime || !redirect(runtime, "DeleteFileW", (void *)failing_delete)) return 1;
    remove_file = (void *)GetProcAddress(runtime, "_wremove");
    runtime_errno = (void *)GetProcAddress(runtime, "_errno");
    for (error_to_give = 0; error_to_give < 0x10000; error_to_give++) {
        *runtime_errno() = 0;
        remove_file(L"x");
        if (*runtime_errno() != EINVAL) printf("%lu\t%d\n", error_to_give, *runtime_errno());
    }
    fprintf(stderr, "%d calls\n", calls);
    return calls ? 0 : 1;
}
