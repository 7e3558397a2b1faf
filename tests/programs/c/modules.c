/* Modules: find, load, look up functions. */
#include <stdio.h>
#include <string.h>
#include <windows.h>

typedef int (WINAPI *strlen_t)(const char *);

__declspec(dllexport) int exported(int x) { return x * 3; }

int main(void)
{
    HMODULE self = GetModuleHandleA(NULL), kernel = GetModuleHandleA("kernel32.dll");
    printf("MZ: %d\n", *(WORD *)self == 0x5A4D);
    printf("kernel32: %d, %d, %d\n", kernel != NULL, kernel == GetModuleHandleA("KERNEL32"), kernel == GetModuleHandleW(L"Kernel32.DLL"));
    SetLastError(0);
    printf("none: %d", GetModuleHandleA("no-such-module.dll") == NULL);
    printf(", error %lu\n", GetLastError());
    strlen_t length = (strlen_t)(void *)GetProcAddress(kernel, "lstrlenA");
    printf("lstrlenA: %d\n", length("seven!!"));
    SetLastError(0);
    printf("no function: %d", GetProcAddress(kernel, "NoSuchFunctionAnywhere") == NULL);
    printf(", error %lu\n", GetLastError());
    int (*own)(int) = (int (*)(int))(void *)GetProcAddress(self, "exported");
    printf("own export: %d\n", own ? own(14) : -1);
    char path[MAX_PATH];
    DWORD n = GetModuleFileNameA(NULL, path, sizeof path);
    printf("file name: %s %d\n", strrchr(path, '\\') + 1, n == strlen(path));
    SetLastError(0);
    n = GetModuleFileNameA(NULL, path, 5);
    DWORD error = GetLastError();
    printf("cut: %lu, error %lu\n", n, error);
    n = GetModuleFileNameA(kernel, path, sizeof path);
    printf("kernel32's: %d\n", _stricmp(strrchr(path, '\\') + 1, "kernel32.dll") == 0);
    HMODULE loaded = LoadLibraryA("ntdll.dll");
    printf("load: %d, free %d", loaded != NULL, FreeLibrary(loaded));
    printf(", still there %d\n", GetModuleHandleA("ntdll.dll") == loaded);
    SetLastError(0);
    printf("load nothing: %d", LoadLibraryA("no-such-library.dll") == NULL);
    printf(", error %lu\n", GetLastError());
    HMODULE found = NULL;
    printf("from address: %d", GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (const char *)&main, &found));
    printf(" %d\n", found == self);
    IMAGE_DOS_HEADER *dos = (IMAGE_DOS_HEADER *)kernel;
    IMAGE_NT_HEADERS *nt = (IMAGE_NT_HEADERS *)((char *)kernel + dos->e_lfanew);
    printf("kernel32 has headers: %d, exports: %d\n", nt->Signature == IMAGE_NT_SIGNATURE,
           nt->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_EXPORT].Size > 0);
    return 0;
}
