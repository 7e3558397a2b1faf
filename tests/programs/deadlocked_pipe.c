/* Reads an empty pipe whose only writing end it holds itself: nobody can ever write. */
#include <windows.h>

int main(void)
{
    HANDLE reader, writer;
    char byte;
    DWORD got;

    if (!CreatePipe(&reader, &writer, NULL, 0)) return 1;
    ReadFile(reader, &byte, 1, &got, NULL);
    return 2;
}
