/* Initialisation files: reading, writing, and what the files look like then. */
#include <windows.h>
#include <stdio.h>

#define NAME ".\\sample.ini"

static void list(const char *what, const char *text, DWORD n)
{
    printf("%s %lu ", what, n);
    for (DWORD i = 0; i < n; i++) putchar(text[i] ? text[i] : '|');
    putchar('\n');
}

static void contents(void)
{
    char line[200];
    FILE *file = fopen(NAME, "rb");
    size_t n;
    if (!file) { printf("no file\n"); return; }
    while ((n = fread(line, 1, sizeof(line), file)))
        for (size_t i = 0; i < n; i++)
            if (line[i] == '\r') printf("\\r");
            else putchar(line[i]);
    fclose(file);
    puts("--");
}

int main(void)
{
    char text[200];
    BYTE data[8] = { 1, 2, 3, 4, 5, 6, 7, 250 };
    DWORD n;
    BOOL ok;

    DeleteFileA(NAME);
    n = GetPrivateProfileStringA("a", "b", "default  ", text, 200, NAME);
    list("none", text, n);
    printf("%d\n", WritePrivateProfileStringA("One", "first", "1", NAME));
    printf("%d\n", WritePrivateProfileStringA("One", "second", "\"quoted\"", NAME));
    printf("%d\n", WritePrivateProfileStringA("Two", " spaced key ", " spaced value ", NAME));
    printf("%d\n", WritePrivateProfileStringA("One", "third", "0x1F", NAME));
    contents();
    list("value", text, GetPrivateProfileStringA("one", "SECOND", "x", text, 200, NAME));
    list("value", text, GetPrivateProfileStringA("Two", "spaced key", "x", text, 200, NAME));
    list("keys", text, GetPrivateProfileStringA("One", NULL, "x", text, 200, NAME));
    list("sections", text, GetPrivateProfileStringA(NULL, NULL, "x", text, 200, NAME));
    list("sections", text, GetPrivateProfileSectionNamesA(text, 200, NAME));
    list("section", text, GetPrivateProfileSectionA("One", text, 200, NAME));
    list("cut", text, GetPrivateProfileStringA("One", "second", "x", text, 4, NAME));
    printf("%u %u %u\n", GetPrivateProfileIntA("One", "first", 7, NAME), GetPrivateProfileIntA("One", "third", 7, NAME),
           GetPrivateProfileIntA("One", "none", -7, NAME));
    printf("%d\n", WritePrivateProfileSectionA("Two", "a=1\0b=2\0c=three\0", NAME));
    contents();
    printf("%d\n", WritePrivateProfileStringA("One", "second", NULL, NAME));
    printf("%d\n", WritePrivateProfileStringA("Two", NULL, NULL, NAME));
    contents();
    printf("%d\n", WritePrivateProfileStructA("Bytes", "all", data, sizeof(data), NAME));
    contents();
    ZeroMemory(data, sizeof(data));
    ok = GetPrivateProfileStructA("Bytes", "all", data, sizeof(data), NAME);
    printf("%d %d %d\n", ok, data[0], data[7]);
    printf("%d\n", GetPrivateProfileStructA("Bytes", "all", data, 7, NAME));
    WritePrivateProfileStringA("Bytes", "all", "0102030405060708FF", NAME);
    printf("%d\n", GetPrivateProfileStructA("Bytes", "all", data, 8, NAME));
    SetLastError(0);
    printf("%lu ", GetPrivateProfileSectionA(NULL, text, 200, NAME));
    printf("%lu\n", GetLastError());
    return 0;
}
