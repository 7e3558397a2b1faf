/* Prints what an overlay, a service or another plugin can change: time, files, and who answers for version.dll. */
#include <stdio.h>
#include <windows.h>

int main(void)
{
    SYSTEMTIME now;
    FILE *file;
    HMODULE version;
    GetSystemTime(&now);
    printf("ticks %llu\nyear %u\n", GetTickCount64(), now.wYear);
    file = fopen("C:\\lab.txt", "a+");
    if (file != NULL) {
        fputs("written\n", file);
        fflush(file);
        printf("file %ld\n", ftell(file));
        fclose(file);
    }
    version = LoadLibraryA("version.dll");
    if (version == NULL) {
        printf("version.dll: error %lu\n", GetLastError());
    } else {
        DWORD(WINAPI * size)(LPCSTR, LPDWORD) = (void *)GetProcAddress(version, "GetFileVersionInfoSizeA");
        printf("version.dll: %lu\n", size("C:\\nothing.exe", NULL));
    }
    return 0;
}
