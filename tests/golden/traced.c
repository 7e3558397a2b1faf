/* What the golden files of the trace formats are made from: a bit of everything that a trace can tell.
   Without a C runtime, so that the traces hold nothing but these calls. With a variable MORE it makes some more.
   x86_64-w64-mingw32-gcc -O1 -s -nostdlib -Wl,--no-insert-timestamp -e start -o traced.exe traced.c -lkernel32 -lversion */
#include <windows.h>

static HANDLE event;
static LONG caught;

static BOOL CALLBACK once(PINIT_ONCE init, PVOID parameter, PVOID *context)
{
    SetLastError(*(DWORD *)parameter);
    return TRUE;
}

static DWORD WINAPI worker(LPVOID parameter)
{
    Sleep(5);
    SetEvent(event);
    return 7;
}

static LONG CALLBACK handler(EXCEPTION_POINTERS *pointers)
{
    caught++;
    return EXCEPTION_CONTINUE_EXECUTION;
}

static void files(void)
{
    static const char text[] = "one \"two\"\r\n\tthree\0four";
    char buffer[128];
    DWORD done;
    LARGE_INTEGER size;
    HANDLE file = CreateFileW(L"caf\u00e9 \u20ac.txt", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_ALWAYS,
                              FILE_ATTRIBUTE_NORMAL, NULL);
    WriteFile(file, text, sizeof text, &done, NULL);
    GetFileSizeEx(file, &size);
    SetFilePointer(file, 4, NULL, FILE_BEGIN);
    ReadFile(file, buffer, sizeof buffer, &done, NULL);
    CloseHandle(file);
    CloseHandle(file);
    CreateFileA("C:\\no such folder\\a.txt", GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    DeleteFileW(L"caf\u00e9 \u20ac.txt");
    SetEnvironmentVariableW(L"GOLDEN", L"quote \" backslash \\ bell \a escape \x1b");
    GetEnvironmentVariableW(L"GOLDEN", (WCHAR *)buffer, 64);
}

static void memory(void)
{
    DWORD old;
    MEMORY_BASIC_INFORMATION information;
    void *pages = VirtualAlloc(NULL, 0x3000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    VirtualProtect(pages, 0x1000, PAGE_READONLY, &old);
    VirtualQuery(pages, &information, sizeof information);
    VirtualFree(pages, 0, MEM_RELEASE);
}

static void threads(void)
{
    DWORD code;
    HANDLE thread;
    event = CreateEventW(NULL, FALSE, FALSE, L"golden");
    thread = CreateThread(NULL, 0, worker, NULL, 0, NULL);
    WaitForSingleObject(event, INFINITE);
    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &code);
    CloseHandle(thread);
    CloseHandle(event);
}

void start(void)
{
    INIT_ONCE init = INIT_ONCE_STATIC_INIT;
    DWORD parameter = 9;
    SYSTEMTIME moment;
    FILETIME filetime;
    HMODULE module;

    files();
    memory();
    threads();
    InitOnceExecuteOnce(&init, once, &parameter, NULL);
    moment = (SYSTEMTIME){2024, 2, 4, 29, 12, 30, 15, 250};
    SystemTimeToFileTime(&moment, &filetime);
    AddVectoredExceptionHandler(1, handler);
    RaiseException(0xE0000001, 0, 0, NULL);
    GetTickCount();
    module = LoadLibraryA("winmm.dll");
    GetProcAddress(module, "timeGetTime");
    FreeLibrary(module);
    GetFileVersionInfoSizeA("traced.exe", NULL);
    if (GetEnvironmentVariableA("MORE", NULL, 0))
        MulDiv(lstrlenW(L"six..."), 7, 2);
    ExitProcess(3);
}
