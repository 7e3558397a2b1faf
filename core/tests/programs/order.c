/* Loads and frees DLLs and says what it sees; the DLLs say when they are called. */
#include <stdio.h>
#include "order.h"

TLS_CALLBACK("program", 1)
__declspec(dllimport) int mid_value(void);
int mid_hidden(void);
typedef int (*function)(void);

static int call(HMODULE module, const char *name)
{
    function found = (function)GetProcAddress(module, name);
    if (found == NULL)
        return -(int)GetLastError();
    return found();
}

static DWORD WINAPI thread(void *parameter)
{
    say("program", " thread", 9, NULL);
    return 5;
}

int main(int argc, char **argv)
{
    HMODULE mid, late, again, no, lost;
    HANDLE handle;
    DWORD error;

    setvbuf(stdout, NULL, _IONBF, 0);
    printf("main %d %d\n", mid_value(), mid_hidden());
    mid = GetModuleHandleA("ORDER_MID");
    printf("by name %d, by ordinal %d, forward %d\n", call(mid, "mid_value"), call(mid, (char *)5), call(mid, "mid_forward"));
    printf("lost forward %d, no name %d, no ordinal %d, hidden %d\n", call(mid, "mid_lost"), call(mid, "nothing"),
           call(mid, (char *)99), call(mid, "mid_hidden"));
    printf("far %d\n", call(mid, "mid_far") == (int)GetCurrentProcessId());
    late = LoadLibraryA("order_late.dll");
    printf("late %d, low is %s\n", call(late, "late_value"), GetModuleHandleA("order_low.dll") ? "loaded" : "not loaded");
    again = LoadLibraryA(".\\order_late.dll");
    printf("again %s\n", again == late ? "the same" : "another");
    if (argc > 1) {
        handle = CreateThread(NULL, 0, thread, NULL, 0, NULL);
        WaitForSingleObject(handle, INFINITE);
    }
    printf("free %d\n", FreeLibrary(late));
    printf("free %d\n", FreeLibrary(late));
    printf("late is %s, low is %s\n", GetModuleHandleA("order_late.dll") ? "loaded" : "not loaded",
           GetModuleHandleA("order_low.dll") ? "loaded" : "not loaded");
    printf("free base %d %d\n", FreeLibrary(GetModuleHandleA("order_base.dll")), FreeLibrary(GetModuleHandleA("order_base.dll")));
    printf("base is %s\n", GetModuleHandleA("order_base.dll") ? "loaded" : "not loaded");
    no = LoadLibraryA("order_no.dll");
    error = GetLastError();
    printf("no %d, error %lu, low is %s\n", no != NULL, error, GetModuleHandleA("order_low.dll") ? "loaded" : "not loaded");
    lost = LoadLibraryA("order_lost.dll");
    error = GetLastError();
    printf("lost %d, error %lu, low is %s\n", lost != NULL, error, GetModuleHandleA("order_low.dll") ? "loaded" : "not loaded");
    lost = LoadLibraryA("order_none.dll");
    printf("none %d, error %lu\n", lost != NULL, GetLastError());
    late = LoadLibraryA("order_late");
    printf("late %d\n", call(late, "late_value"));
    return 3;
}
