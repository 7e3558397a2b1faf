/* A version.dll of the program's own: one function, with an answer that nobody else gives. */
#include <windows.h>

__declspec(dllexport) DWORD WINAPI GetFileVersionInfoSizeA(LPCSTR name, LPDWORD handle)
{
    return 4711;
}
