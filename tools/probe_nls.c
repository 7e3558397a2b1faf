/* Measures Windows' tables about single UTF-16 units: casing, character types, character maps and sort keys.
   Build: x86_64-w64-mingw32-gcc -O1 -o probe_nls.exe probe_nls.c -lntdll
   Run:   probe_nls.exe OUTPUT-FOLDER      (read by gen_nls.py)

   casing.bin           u16[65536] RtlUpcaseUnicodeChar, then RtlDowncaseUnicodeChar
   ctype.bin            u16[65536] GetStringTypeW CT_CTYPE1, then CT_CTYPE2, CT_CTYPE3
   maps.txt             one line per mapping that changes the unit: NAME UNIT RESULT... (hexadecimal)
   sortkeys.txt         one line per unit but NUL: UNIT, sort key of the unit alone (hexadecimal)
   sortkeys-a.txt       the same for "a" followed by the unit
   sortkeys-FLAG.txt    the same for the unit alone with one flag */
#include <stdio.h>
#include <windows.h>
#include <winternl.h>

WCHAR NTAPI RtlUpcaseUnicodeChar(WCHAR);
WCHAR NTAPI RtlDowncaseUnicodeChar(WCHAR);

static FILE *create(const char *folder, const char *name)
{
    char path[MAX_PATH];
    FILE *f;
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    if (!(f = fopen(path, "wb"))) { perror(path); exit(1); }
    return f;
}

static void casing(FILE *f)
{
    static WCHAR up[65536], down[65536];
    for (int i = 0; i < 65536; i++)
    {
        up[i] = RtlUpcaseUnicodeChar((WCHAR)i);
        down[i] = RtlDowncaseUnicodeChar((WCHAR)i);
    }
    fwrite(up, 1, sizeof(up), f);
    fwrite(down, 1, sizeof(down), f);
    fclose(f);
}

static void ctype(FILE *f)
{
    static WORD types[65536];
    for (DWORD type = CT_CTYPE1; type <= CT_CTYPE3; type++)
    {
        if (type == 3) type = CT_CTYPE3;
        for (int i = 0; i < 65536; i++)
        {
            WCHAR c = (WCHAR)i;
            types[i] = 0;
            GetStringTypeW(type, &c, 1, &types[i]);
        }
        fwrite(types, 1, sizeof(types), f);
    }
    fclose(f);
}

static const struct { const char *name; DWORD flags; } lcmaps[] =
{
    { "upper", LCMAP_UPPERCASE }, { "lower", LCMAP_LOWERCASE },
    { "linguistic_upper", LCMAP_UPPERCASE | LCMAP_LINGUISTIC_CASING },
    { "linguistic_lower", LCMAP_LOWERCASE | LCMAP_LINGUISTIC_CASING },
    { "title", LCMAP_TITLECASE },
    { "hiragana", LCMAP_HIRAGANA }, { "katakana", LCMAP_KATAKANA },
    { "halfwidth", LCMAP_HALFWIDTH }, { "fullwidth", LCMAP_FULLWIDTH },
    { "simplified", LCMAP_SIMPLIFIED_CHINESE }, { "traditional", LCMAP_TRADITIONAL_CHINESE },
    { "ignore_nonspace", NORM_IGNORENONSPACE }, { "ignore_symbols", NORM_IGNORESYMBOLS },
}, folds[] =
{
    { "fold_digits", MAP_FOLDDIGITS }, { "fold_czone", MAP_FOLDCZONE }, { "composite", MAP_COMPOSITE },
    { "precomposed", MAP_PRECOMPOSED }, { "ligatures", MAP_EXPAND_LIGATURES },
};

static void put_map(FILE *f, const char *name, WCHAR c, const WCHAR *result, int count)
{
    if (count == 1 && result[0] == c) return;
    fprintf(f, "%s %04x", name, c);
    for (int k = 0; k < count; k++) fprintf(f, " %04x", result[k]);
    fputc('\n', f);
}

static void maps(FILE *f)
{
    WCHAR buf[64];
    for (size_t m = 0; m < sizeof(lcmaps) / sizeof(lcmaps[0]); m++)
        for (int i = 0; i < 65536; i++)
        {
            WCHAR c = (WCHAR)i;
            put_map(f, lcmaps[m].name, c, buf, LCMapStringEx(L"en-US", lcmaps[m].flags, &c, 1, buf, 64, NULL, NULL, 0));
        }
    for (size_t m = 0; m < sizeof(folds) / sizeof(folds[0]); m++)
        for (int i = 0; i < 65536; i++)
        {
            WCHAR c = (WCHAR)i;
            put_map(f, folds[m].name, c, buf, FoldStringW(folds[m].flags, &c, 1, buf, 64));
        }
    fclose(f);
}

static int key(DWORD flags, const WCHAR *s, int n, BYTE *out)
{
    return LCMapStringEx(L"", LCMAP_SORTKEY | flags, s, n, (WCHAR *)out, 256, NULL, NULL, 0);
}

static void put_key(FILE *f, const BYTE *k, int n)
{
    fputc(' ', f);
    for (int i = 0; i < n; i++) fprintf(f, "%02x", k[i]);
}

static void sortkeys(FILE *f, const WCHAR *prefix, DWORD flags)
{
    BYTE buf[256];
    WCHAR s[8];
    int n = 0;
    while (prefix[n]) { s[n] = prefix[n]; n++; }
    for (int i = 0; i < 65536; i++)
    {
        if (i == 0) continue;
        s[n] = (WCHAR)i;
        fprintf(f, "%04x", i);
        put_key(f, buf, key(flags, s, n + 1, buf));
        fputc('\n', f);
    }
    fclose(f);
}

int main(int argc, char **argv)
{
    static const struct { const char *name; DWORD flags; } flagged[] =
    {
        { "ignorecase", NORM_IGNORECASE }, { "linguisticcase", LINGUISTIC_IGNORECASE },
        { "nonspace", NORM_IGNORENONSPACE }, { "linguisticdia", LINGUISTIC_IGNOREDIACRITIC },
        { "symbols", NORM_IGNORESYMBOLS }, { "kana", NORM_IGNOREKANATYPE }, { "width", NORM_IGNOREWIDTH },
        { "stringsort", SORT_STRINGSORT }, { "digits", SORT_DIGITSASNUMBERS },
    };
    if (argc < 2) return 2;
    casing(create(argv[1], "casing.bin"));
    ctype(create(argv[1], "ctype.bin"));
    maps(create(argv[1], "maps.txt"));
    sortkeys(create(argv[1], "sortkeys.txt"), L"", 0);
    sortkeys(create(argv[1], "sortkeys-a.txt"), L"a", 0);
    for (size_t k = 0; k < sizeof(flagged) / sizeof(flagged[0]); k++)
    {
        char name[64];
        snprintf(name, sizeof(name), "sortkeys-%s.txt", flagged[k].name);
        sortkeys(create(argv[1], name), L"", flagged[k].flags);
    }
    return 0;
}
