/* Files through Windows and through C: create, read, write, seek, attributes, share, rename, delete. */
#include <io.h>
#include <stdio.h>
#include <string.h>
#include <windows.h>

#define SHOW(expression) do { SetLastError(0); long long r_ = (long long)(expression); \
    printf("%s = %lld, error %lu\n", #expression, r_, GetLastError()); } while (0)

static HANDLE open_file(const char *name, DWORD access, DWORD share, DWORD disposition)
{
    SetLastError(0);
    HANDLE h = CreateFileA(name, access, share, NULL, disposition, FILE_ATTRIBUTE_NORMAL, NULL);
    printf("open %s %lu: %s, error %lu\n", name, disposition, h == INVALID_HANDLE_VALUE ? "no" : "yes", GetLastError());
    return h;
}

static void windows_files(void)
{
    DWORD n = 0;
    char buffer[64] = {0};
    open_file("none.txt", GENERIC_READ, 0, OPEN_EXISTING);
    open_file("none\\none.txt", GENERIC_WRITE, 0, CREATE_ALWAYS);
    open_file("a*b.txt", GENERIC_WRITE, 0, CREATE_ALWAYS);
    HANDLE h = open_file("one.txt", GENERIC_READ | GENERIC_WRITE, 0, CREATE_NEW);
    SHOW(WriteFile(h, "0123456789", 10, &n, NULL));
    SHOW(SetFilePointer(h, -4, NULL, FILE_END));
    SHOW(ReadFile(h, buffer, 64, &n, NULL));
    printf("read %lu: %s\n", n, buffer);
    SHOW(ReadFile(h, buffer, 64, &n, NULL));
    printf("at the end: %lu\n", n);
    SHOW(SetFilePointer(h, -1, NULL, FILE_BEGIN));
    LARGE_INTEGER to = {.QuadPart = 20}, now, size;
    SHOW(SetFilePointerEx(h, to, &now, FILE_BEGIN));
    SHOW(WriteFile(h, "end", 3, &n, NULL));
    SHOW(GetFileSize(h, NULL));
    SHOW(GetFileSizeEx(h, &size));
    printf("size %lld\n", size.QuadPart);
    SHOW(SetFilePointer(h, 5, NULL, FILE_BEGIN));
    SHOW(SetEndOfFile(h));
    SHOW(GetFileSize(h, NULL));
    open_file("one.txt", GENERIC_READ, FILE_SHARE_READ, OPEN_EXISTING);
    SHOW(DeleteFileA("one.txt"));
    SHOW(GetFileType(h));
    SHOW(FlushFileBuffers(h));
    SHOW(CloseHandle(h));
    SHOW(CloseHandle(h));
    SHOW(WriteFile(h, "x", 1, &n, NULL));
    CloseHandle(open_file("one.txt", GENERIC_READ, 0, OPEN_ALWAYS));
    h = open_file("one.txt", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, OPEN_EXISTING);
    SHOW(WriteFile(h, "x", 1, &n, NULL));
    HANDLE second = open_file("ONE.TXT", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, OPEN_EXISTING);
    open_file("one.txt", GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, OPEN_EXISTING);
    CloseHandle(second);
    CloseHandle(h);
    open_file("one.txt", GENERIC_READ, 0, CREATE_NEW);
    CloseHandle(open_file("one.txt", GENERIC_WRITE, 0, CREATE_ALWAYS));
    CloseHandle(open_file("one.txt", GENERIC_WRITE, 0, TRUNCATE_EXISTING));
    SHOW(GetFileAttributesA("one.txt") & ~FILE_ATTRIBUTE_ARCHIVE);
    SHOW(GetFileAttributesA("none.txt"));
    SHOW(SetFileAttributesA("one.txt", FILE_ATTRIBUTE_READONLY));
    SHOW(GetFileAttributesA("one.txt") & FILE_ATTRIBUTE_READONLY);
    SHOW(DeleteFileA("one.txt"));
    SHOW(SetFileAttributesA("one.txt", FILE_ATTRIBUTE_NORMAL));
    SHOW(MoveFileA("one.txt", "two.txt"));
    SHOW(MoveFileA("one.txt", "three.txt"));
    SHOW(CopyFileA("two.txt", "three.txt", TRUE));
    SHOW(CopyFileA("two.txt", "three.txt", TRUE));
    SHOW(MoveFileExA("three.txt", "two.txt", 0));
    SHOW(MoveFileExA("three.txt", "two.txt", MOVEFILE_REPLACE_EXISTING));
    SHOW(DeleteFileA("two.txt"));
    SHOW(DeleteFileA("two.txt"));
    h = CreateFileA("gone.txt", GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE, NULL);
    CloseHandle(h);
    SHOW(GetFileAttributesA("gone.txt"));
    FILETIME written = {0xD53E8000, 0x019DB1DE}, read_back;  /* 1970-01-01 */
    h = open_file("dated.txt", GENERIC_READ | GENERIC_WRITE, 0, CREATE_ALWAYS);
    SHOW(SetFileTime(h, NULL, NULL, &written));
    SHOW(GetFileTime(h, NULL, NULL, &read_back));
    printf("same time: %d\n", CompareFileTime(&written, &read_back) == 0);
    CloseHandle(h);
}

static void c_files(void)
{
    char line[32];
    FILE *f = fopen("missing.txt", "r");
    printf("fopen of a missing file: %s\n", f ? "opened" : "NULL");
    f = fopen("text.txt", "w");
    fprintf(f, "first\nsecond %d\n", 2);
    fputs("third\n", f);
    fputc('!', f);
    printf("fclose %d\n", fclose(f));
    f = fopen("text.txt", "rb");
    fseek(f, 0, SEEK_END);
    printf("%ld bytes on disk\n", ftell(f));
    fclose(f);
    f = fopen("text.txt", "r");
    while (fgets(line, sizeof line, f))
        printf("line of %d: %s", (int)strlen(line), line);
    printf("\neof %d error %d getc %d\n", feof(f) != 0, ferror(f), fgetc(f));
    rewind(f);
    printf("again: %c", fgetc(f));
    printf("%c", fgetc(f));
    ungetc('Z', f);
    printf("%c", fgetc(f));
    printf("%c\n", fgetc(f));
    fclose(f);
    f = fopen("text.txt", "a+");
    fputs("appended", f);
    fseek(f, 0, SEEK_SET);
    printf("fread %d\n", (int)fread(line, 1, 5, f));
    fclose(f);
    f = fopen("data.bin", "wb");
    int numbers[4] = {1, 0x0A0D0A, -1, 0x1A};
    printf("fwrite %d\n", (int)fwrite(numbers, sizeof(int), 4, f));
    fclose(f);
    f = fopen("data.bin", "r+b");
    fseek(f, 4, SEEK_SET);
    int one = 0;
    int got = (int)fread(&one, 4, 1, f);
    printf("fread %d: %x\n", got, one);
    fseek(f, -4, SEEK_CUR);
    one = 7;
    fwrite(&one, 4, 1, f);
    fclose(f);
    printf("rename %d", rename("text.txt", "renamed.txt"));
    printf(", again %d\n", rename("text.txt", "renamed.txt"));
    printf("remove %d\n", remove("nothing.txt"));
    printf("access %d %d\n", _access("renamed.txt", 0), _access("text.txt", 0));
    f = tmpfile();
    printf("tmpfile %d\n", f != NULL);
    if (f) {
        fputs("temporary", f);
        rewind(f);
        printf("from tmpfile: %s\n", fgets(line, sizeof line, f));
        fclose(f);
    }
}

int main(void)
{
    windows_files();
    c_files();
    return 0;
}
