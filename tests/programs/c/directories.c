/* Directories: make, change to, list, remove; and the forms of paths. */
#include <direct.h>
#include <errno.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <windows.h>

#define SHOW(expression) do { SetLastError(0); long long r_ = (long long)(expression); \
    printf("%s = %lld, error %lu\n", #expression, r_, GetLastError()); } while (0)

static void touch(const char *name)
{
    FILE *f = fopen(name, "w");
    fputs(name, f);
    fclose(f);
}

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void list(const char *pattern)
{
    WIN32_FIND_DATAA found;
    char names[32][64];
    int count = 0;
    HANDLE h = FindFirstFileA(pattern, &found);
    if (h == INVALID_HANDLE_VALUE) {
        printf("%s: error %lu\n", pattern, GetLastError());
        return;
    }
    do
        sprintf(names[count++], "%s%s %lu", found.cFileName,
                found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY ? "\\" : "", found.nFileSizeLow);
    while (FindNextFileA(h, &found));
    printf("%s: %d, then error %lu, closed %d\n", pattern, count, GetLastError(), FindClose(h));
    qsort(names, count, sizeof names[0], compare);
    for (int i = 0; i < count; i++)
        printf("  %s\n", names[i]);
}

static void full(const char *path)
{
    char here[MAX_PATH], result[MAX_PATH], *leaf = NULL;
    GetCurrentDirectoryA(MAX_PATH, here);
    DWORD n = GetFullPathNameA(path, MAX_PATH, result, &leaf);
    const char *shown = result;
    if (!strncmp(result, here, strlen(here))) {
        printf("HERE");
        shown += strlen(here);
    }
    printf("%s leaf %s %d\n", shown, leaf ? leaf : "none", n == strlen(result));
}

int main(void)
{
    SHOW(CreateDirectoryA("sub", NULL));
    SHOW(CreateDirectoryA("sub", NULL));
    SHOW(CreateDirectoryA("no\\sub", NULL));
    SHOW(CreateDirectoryA("sub\\inner", NULL));
    touch("sub\\a.txt");
    touch("sub/b.c");
    touch("sub\\Long file name.text");
    touch("sub\\inner\\deep.txt");
    list("sub\\*");
    list("sub\\*.*");
    list("sub\\*.txt");
    list("sub\\A.TXT");
    list("sub\\*.t?t");
    list("sub\\none*");
    list("nosub\\*");
    list("sub");
    SHOW(GetFileAttributesA("sub") & FILE_ATTRIBUTE_DIRECTORY);
    SHOW(RemoveDirectoryA("sub"));
    SHOW(DeleteFileA("sub"));
    SHOW(RemoveDirectoryA("sub\\a.txt"));
    SHOW(SetCurrentDirectoryA("sub\\inner"));
    touch("made-inside.txt");
    SHOW(GetFileAttributesA("..\\b.c") != INVALID_FILE_ATTRIBUTES);
    SHOW(SetCurrentDirectoryA("..\\.."));
    SHOW(SetCurrentDirectoryA("nowhere"));
    SHOW(SetCurrentDirectoryA("sub\\a.txt"));
    SHOW(MoveFileA("sub\\inner", "moved"));
    list("moved\\*");
    full("a.txt");
    full("sub\\..\\x\\.\\y.txt");
    full("sub/forward/slashes");
    full("C:\\a\\..\\..\\b");
    full("C:\\dir\\");
    full("trailing dots... ");
    full("\\\\server\\share\\..\\file");
    full("\\\\?\\C:\\a\\..\\b");
    full("con");

    printf("_mkdir %d", _mkdir("c"));
    printf(", again %d", _mkdir("c"));
    printf(", EEXIST %d\n", errno == EEXIST);
    printf("_chdir %d", _chdir("c"));
    printf(", _rmdir of a missing one %d", _rmdir("c"));
    printf(", ENOENT %d\n", errno == ENOENT);
    printf("_chdir %d", _chdir(".."));
    printf(", _rmdir %d\n", _rmdir("c"));
    struct stat status;
    int result = stat("moved", &status);
    printf("stat %d, directory %d\n", result, (status.st_mode & S_IFDIR) != 0);
    result = stat("moved\\deep.txt", &status);
    printf("stat %d, file %d, size %ld\n", result, (status.st_mode & S_IFREG) != 0,
           (long)status.st_size);
    result = stat("missing", &status);
    printf("stat %d, ENOENT %d\n", result, errno == ENOENT);
    struct _finddata_t data;
    intptr_t h = _findfirst("moved\\*.txt", &data);
    int count = 0;
    if (h != -1)
        do
            count++;
        while (_findnext(h, &data) == 0);
    printf("_findfirst: %d, closed %d\n", count, _findclose(h));
    return 0;
}
