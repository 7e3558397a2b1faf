/* The main thread reads standard input, where nothing comes; another thread ends the process after its sleep. */
#include <windows.h>

static DWORD WINAPI end(void *unused)
{
    Sleep(50);
    ExitProcess(3);
}

int main(void)
{
    char byte;
    DWORD got;

    CreateThread(NULL, 0, end, NULL, 0, NULL);
    ReadFile(GetStdHandle(STD_INPUT_HANDLE), &byte, 1, &got, NULL);
    return 2;
}
