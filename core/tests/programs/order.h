#include <windows.h>

/* One line on standard output, without the C run-time: DllMain and TLS callbacks may not use it. */
static void say(const char *who, const char *what, DWORD reason, void *reserved)
{
    static const char *const reasons[] = { "detach", "attach", "thread attach", "thread detach" };
    char line[100];
    DWORD written;

    lstrcpyA(line, who);
    lstrcatA(line, what);
    if (reason < 4)
        lstrcatA(line, reasons[reason]);
    if (reserved)
        lstrcatA(line, " static");
    lstrcatA(line, "\n");
    WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), line, lstrlenA(line), &written, NULL);
}

#define DLL_MAIN(name, result) \
    BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved) \
    { say(name, " main ", reason, reserved); return result; }

#define TLS_CALLBACK(name, number) \
    static void NTAPI callback##number(void *instance, DWORD reason, void *reserved) \
    { say(name, " tls" #number " ", reason, reserved); } \
    PIMAGE_TLS_CALLBACK keep##number __attribute__((section(".CRT$XLB" #number))) = callback##number;
