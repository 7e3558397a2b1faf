/* Changing resources: of a copy of this program, which is looked into and then run. */
#include <windows.h>
#include <stdio.h>
#include <string.h>

static void look(HMODULE module, LPCSTR type, LPCSTR name, WORD language)
{
    HRSRC found = FindResourceExA(module, type, name, language);
    if (!found) { printf("not found, error %lu\n", GetLastError()); return; }
    DWORD size = SizeofResource(module, found);
    const char *data = LockResource(LoadResource(module, found));
    printf("%lu bytes %.*s\n", size, size > 20 ? 20 : (int)size, data);
}

static BOOL CALLBACK type(HMODULE module, LPSTR name, LONG_PTR param)
{
    if (IS_INTRESOURCE(name)) printf("type #%d\n", (int)(LONG_PTR)name);
    else printf("type %s\n", name);
    return TRUE;
}

static char big[20000];

int main(int argc, char **argv)
{
    char self[MAX_PATH];
    STARTUPINFOA start = { sizeof(start) };
    PROCESS_INFORMATION info;
    HANDLE update;
    HMODULE module;

    if (argc > 1)
    {
        HRSRC found = FindResourceExA(NULL, (LPCSTR)RT_RCDATA, "GREETING", 0x409);
        return found ? *(char *)LockResource(LoadResource(NULL, found)) : 0;
    }
    GetModuleFileNameA(NULL, self, MAX_PATH);
    CopyFileA(self, "copy.exe", FALSE);
    SetLastError(0);
    update = BeginUpdateResourceA("none.exe", FALSE);
    printf("%d\n", update != NULL);
    update = BeginUpdateResourceA("copy.exe", FALSE);
    printf("%d\n", update != NULL);
    memset(big, 'b', sizeof(big));
    printf("%d\n", UpdateResourceA(update, (LPCSTR)RT_RCDATA, "greeting", 0x409, (void *)"hello", 5));
    printf("%d\n", UpdateResourceA(update, (LPCSTR)RT_RCDATA, MAKEINTRESOURCEA(7), 0x409, (void *)"seven", 5));
    printf("%d\n", UpdateResourceA(update, (LPCSTR)RT_RCDATA, MAKEINTRESOURCEA(7), 0x407, (void *)"sieben", 6));
    printf("%d\n", UpdateResourceA(update, "OWN", "#12", 0, big, sizeof(big)));
    printf("%d\n", EndUpdateResourceA(update, FALSE));

    module = LoadLibraryExA("copy.exe", NULL, LOAD_LIBRARY_AS_DATAFILE);
    printf("%d\n", module != NULL);
    EnumResourceTypesA(module, type, 0);
    look(module, (LPCSTR)RT_RCDATA, "Greeting", 0x409);
    look(module, (LPCSTR)RT_RCDATA, MAKEINTRESOURCEA(7), 0x409);
    look(module, (LPCSTR)RT_RCDATA, MAKEINTRESOURCEA(7), 0x407);
    look(module, "own", MAKEINTRESOURCEA(12), 0);
    FreeLibrary(module);

    if (CreateProcessA("copy.exe", (char *)"copy.exe child", NULL, NULL, FALSE, 0, NULL, NULL, &start, &info))
    {
        DWORD code = 0;
        WaitForSingleObject(info.hProcess, INFINITE);
        GetExitCodeProcess(info.hProcess, &code);
        CloseHandle(info.hThread);
        CloseHandle(info.hProcess);
        printf("child %lu\n", code);
    }

    update = BeginUpdateResourceA("copy.exe", FALSE);
    printf("%d\n", UpdateResourceA(update, (LPCSTR)RT_RCDATA, MAKEINTRESOURCEA(7), 0x407, (void *)"eight", 5));
    printf("%d\n", EndUpdateResourceA(update, FALSE));
    module = LoadLibraryExA("copy.exe", NULL, LOAD_LIBRARY_AS_DATAFILE);
    look(module, (LPCSTR)RT_RCDATA, MAKEINTRESOURCEA(7), 0x409);
    look(module, (LPCSTR)RT_RCDATA, MAKEINTRESOURCEA(7), 0x407);
    FreeLibrary(module);

    update = BeginUpdateResourceA("copy.exe", TRUE);
    printf("%d\n", EndUpdateResourceA(update, TRUE));
    module = LoadLibraryExA("copy.exe", NULL, LOAD_LIBRARY_AS_DATAFILE);
    look(module, (LPCSTR)RT_RCDATA, MAKEINTRESOURCEA(7), 0x409);
    FreeLibrary(module);
    DeleteFileA("copy.exe");
    return 0;
}
