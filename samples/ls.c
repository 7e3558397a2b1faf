/* Lists a folder with the Windows API alone:  x86_64-w64-mingw32-gcc -O1 -s -o ls.exe ls.c */
#include <stdio.h>
#include <windows.h>

int main(int argc, char **argv)
{
    char pattern[MAX_PATH];
    WIN32_FIND_DATAA found;
    ULONGLONG total = 0;
    int files = 0;

    snprintf(pattern, sizeof pattern, "%s\\*", argc > 1 ? argv[1] : ".");
    HANDLE search = FindFirstFileA(pattern, &found);
    if (search == INVALID_HANDLE_VALUE) {
        fprintf(stderr, "%s: Windows error %lu\n", pattern, GetLastError());
        return 1;
    }
    do {
        if (found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) {
            printf("%12s  %s\n", "<DIR>", found.cFileName);
            continue;
        }
        ULONGLONG size = (ULONGLONG)found.nFileSizeHigh << 32 | found.nFileSizeLow;
        printf("%12llu  %s\n", size, found.cFileName);
        total += size;
        files++;
    } while (FindNextFileA(search, &found));
    FindClose(search);
    printf("%d file%s, %llu bytes\n", files, files == 1 ? "" : "s", total);
    return 0;
}
