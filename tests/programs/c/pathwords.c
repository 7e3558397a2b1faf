/* SHLWAPI: paths as text and as names of files, searching and comparing text, sizes as text. */
#include <windows.h>
#include <shlwapi.h>
#include <stdio.h>

static const char *const PATHS[] = {
    "", "a", "a.txt", "C:\\a\\b.c", "C:\\", "C:", "C:a", "\\a\\b", "\\", "\\\\srv", "\\\\srv\\share", "\\\\srv\\share\\x.y",
    "a\\b\\", "a.b\\c", "C:\\a b\\c d.e f", "dir/file.x", "C:\\..\\a", "a\\..\\b", "C:\\a\\.\\b\\..\\c", "..", ".",
    "C:\\a\\b\\..\\..\\..", "file.", ".cfg", "\"C:\\x y\" z", " blank ", "http://x/y", "x.tar.gz",
};

static void questions(const char *path)
{
    const char *next = PathFindNextComponentA(path), *rest = PathSkipRootA(path);
    printf("[%s] name=%s ext=%s next=%s root+=%s args=%s drive=%d", path, PathFindFileNameA(path),
           PathFindExtensionA(path), next ? next : "NULL", rest ? rest : "NULL", PathGetArgsA(path),
           PathGetDriveNumberA(path));
    printf(" spec%d rel%d root%d unc%d url%d\n", PathIsFileSpecA(path), PathIsRelativeA(path), PathIsRootA(path),
           PathIsUNCA(path), PathIsURLA(path));
}

static void changes(const char *path)
{
    char text[MAX_PATH];
    int done;
#define CHANGE(call) strcpy(text, path), done = (call), printf(" %d:%s", done, text)
#define ALTER(call) strcpy(text, path), (call), printf(" %s", text)
    printf("[%s]", path);
    CHANGE(PathAddBackslashA(text) == text + strlen(text));
    CHANGE((int)(PathRemoveBackslashA(text) - text));
    CHANGE(PathAddExtensionA(text, ".new"));
    CHANGE(PathRenameExtensionA(text, ".ren"));
    ALTER(PathRemoveExtensionA(text));
    CHANGE(PathRemoveFileSpecA(text));
    ALTER(PathStripPathA(text));
    CHANGE(PathStripToRootA(text));
    ALTER(PathQuoteSpacesA(text));
    ALTER(PathUnquoteSpacesA(text));
    ALTER(PathRemoveBlanksA(text));
    ALTER(PathRemoveArgsA(text));
    CHANGE(PathCanonicalizeA(text, path));
    CHANGE(PathAppendA(text, "x\\y"));
    CHANGE(PathAppendA(text, "\\x"));
    puts("");
}

static void pairs(void)
{
    static const char *const both[][2] = {
        {"C:\\a", "b"}, {"C:\\a\\", "b"}, {"C:\\a", "\\b"}, {"C:\\a", "D:\\b"}, {"C:\\a", "..\\b"}, {"", "b"},
        {"C:\\a\\b", "C:\\a\\c"}, {"C:\\A\\bc", "c:\\a\\bd"}, {"C:\\", "C:\\a"}, {"a\\b", "a\\b\\c"}, {"C:\\a", "D:\\a"},
        {"\\\\s\\h\\a", "\\\\s\\h\\b"}, {"\\\\s\\h\\a", "C:\\b"}, {"C:\\a\\b\\c", "C:\\a\\x\\y\\z"},
    };
    char text[MAX_PATH];
    unsigned i;
    for (i = 0; i < sizeof both / sizeof *both; i++) {
        const char *left = both[i][0], *right = both[i][1];
        int length;
        printf("[%s|%s] %s", left, right, PathCombineA(text, left, right) ? text : "NULL");
        length = PathCommonPrefixA(left, right, text);
        printf(" common %d %s prefix%d", length, text, PathIsPrefixA(left, right));
        printf(" %d", PathRelativePathToA(text, left, FILE_ATTRIBUTE_DIRECTORY, right, 0));
        puts(*text ? text : "-");
    }
    printf("%d%d%d%d%d%d\n", PathMatchSpecA("a.txt", "*.txt"), PathMatchSpecA("a.txt", "*.c; *.TXT"),
           PathMatchSpecA("a.txt", "?.t?t"), PathMatchSpecA("a.txt", "b*"), PathMatchSpecA("noext", "*.*"),
           PathMatchSpecW(L"xaybz", L"*a*b?"));
    printf("%s %s\n", PathBuildRootA(text, 3), PathCombineA(text, NULL, NULL) ? "made" : "NULL");
}

static void files(void)
{
    printf("%d %d", PathFileExistsA("."), PathFileExistsA("none.txt"));
    printf(" %lu", GetLastError());
    CreateDirectoryA("empty", NULL);
    printf(" %d %d %d\n", PathIsDirectoryA("empty") != 0, PathIsDirectoryEmptyA("empty"), PathIsDirectoryW(L"none") != 0);
    RemoveDirectoryA("empty");
}

static void text(void)
{
    static const char line[] = "Hello, World hello";
    static const wchar_t *const logical[][2] = {{L"a10", L"a9"}, {L"a01", L"a1"}, {L"B", L"a"}, {L"1", L"a"},
                                                {L"ab", L"abc"}, {L"x2y", L"x2Z"}, {L"007", L"8"}};
    static const LONGLONG sizes[] = {0, 1, 1023, 1024, 2048, 10239, 123456, 999 << 10, 1000 << 10, 1 << 20, 123456789,
                                     5000000000, 1LL << 40};
    char cut[40] = "  ..trim..  ", *copy;
    wchar_t wide[40];
    unsigned i;
    int number = 0;
    LONGLONG large = 0;
#define AT(p) ((p) ? (int)((p) - line) : -1)
    printf("%d %d %d %d %d\n", AT(StrChrA(line, 'o')), AT(StrChrIA(line, 'W')), AT(StrRChrA(line, NULL, 'l')),
           AT(StrRChrA(line, line + 5, 'l')), AT(StrChrA(line, 'z')));
    printf("%d %d %d %d %d\n", AT(StrStrA(line, "hello")), AT(StrStrIA(line, "hello")),
           AT(StrRStrIA(line, NULL, "HELLO")), AT(StrStrA(line, "")), AT(StrPBrkA(line, "dW")));
    printf("%d %d %d\n", StrSpnA(line, "leH"), StrCSpnA(line, "oW"), StrCSpnIA(line, "w"));
    printf("%d %d %d %d\n", StrCmpNA("abc", "abd", 2), StrCmpNA("abc", "abd", 3), StrCmpNIA("ABC", "abd", 3),
           StrCmpNIW(L"\x00c4" L"x", L"\x00e4" L"y", 1));
    printf("%d %d\n", StrCmpW(L"a", L"B"), StrCmpIW(L"A", L"a"));
    for (i = 0; i < sizeof logical / sizeof *logical; i++)
        printf("%d ", StrCmpLogicalW(logical[i][0], logical[i][1]));
    printf("\n%d [%s]", StrTrimA(cut, " ."), cut);
    copy = StrDupA(line);
    printf(" %s\n", copy);
    LocalFree(copy);
    printf("%d %d %d", StrToIntA("-42x"), StrToIntA(" 7"), StrToIntA("x"));
    printf(" %d", StrToIntExA("  0x1F", STIF_SUPPORT_HEX, &number));
    printf(" %d", StrToIntExA("q", 0, &number));
    printf(" %d", number);
    printf(" %d", StrToInt64ExW(L"123456789012", 0, &large));
    printf(" %lld\n", large);
    for (i = 0; i < sizeof sizes / sizeof *sizes; i++)
        printf("%ls|", StrFormatByteSizeW(sizes[i], wide, 40));
    puts("");
}

int main(void)
{
    unsigned i;
    for (i = 0; i < sizeof PATHS / sizeof *PATHS; i++) {
        questions(PATHS[i]);
        changes(PATHS[i]);
    }
    pairs();
    files();
    text();
    return 0;
}
