/* Measures every code page of the running Windows: decoding of all bytes and byte pairs, encoding of all UTF-16
   units with and without best-fit mappings, MB_COMPOSITE and MB_USEGLYPHCHARS.
   Build: x86_64-w64-mingw32-gcc -O1 -o probe_codepages.exe probe_codepages.c
   Run:   probe_codepages.exe OUTPUT      (read by gen_codepages.py)

   One record per page, little-endian, with the results for UTF-7 and UTF-8 left out:
     u32 number, CPINFOEXW, then
     u16 single[256], u8 single_invalid[256], u16 glyph[256], u16 composite[256][4],
     for each lead byte (single[] == 0xFFFE marks one): u8 lead, u16 pair[256], u8 pair_invalid[256], u8 pair_count[256]
     u8 best[65536][4], u8 exact[65536][4]      {length, byte, byte, used default char} */
#include <stdio.h>
#include <string.h>
#include <windows.h>

static FILE *out;

static void put(const void *data, size_t size)
{
    if (fwrite(data, 1, size, out) != size) { perror("write"); exit(1); }
}

static void decode_pages(UINT cp, const CPINFOEXW *info)
{
    static WCHAR single[256], glyph[256], composite[256][4];
    static BYTE invalid[256];
    for (int b = 0; b < 256; b++)
    {
        char in = (char)b;
        WCHAR buf[8] = { 0 };
        BOOL lead = info->MaxCharSize == 2 && IsDBCSLeadByteEx(cp, (BYTE)b);
        memset(composite[b], 0, sizeof(composite[b]));
        single[b] = glyph[b] = 0xfffe;
        invalid[b] = lead;
        if (lead) continue;
        MultiByteToWideChar(cp, 0, &in, 1, buf, 8);
        single[b] = buf[0];
        invalid[b] = !MultiByteToWideChar(cp, MB_ERR_INVALID_CHARS, &in, 1, buf, 8);
        glyph[b] = MultiByteToWideChar(cp, MB_USEGLYPHCHARS, &in, 1, buf, 8) ? buf[0] : 0;
        memset(buf, 0, sizeof(buf));
        MultiByteToWideChar(cp, MB_COMPOSITE, &in, 1, buf, 4);
        memcpy(composite[b], buf, 8);
    }
    put(single, sizeof(single));
    put(invalid, sizeof(invalid));
    put(glyph, sizeof(glyph));
    put(composite, sizeof(composite));
    for (int lead = 0; lead < 256; lead++)
    {
        WCHAR pair[256];
        BYTE pair_invalid[256], count[256], b = (BYTE)lead;
        if (single[lead] != 0xfffe) continue;
        for (int trail = 0; trail < 256; trail++)
        {
            char in[2] = { (char)lead, (char)trail };
            WCHAR buf[8] = { 0 };
            count[trail] = (BYTE)MultiByteToWideChar(cp, 0, in, 2, buf, 8);
            pair[trail] = buf[0];
            pair_invalid[trail] = !MultiByteToWideChar(cp, MB_ERR_INVALID_CHARS, in, 2, buf, 8);
        }
        put(&b, 1);
        put(pair, sizeof(pair));
        put(pair_invalid, sizeof(pair_invalid));
        put(count, sizeof(count));
    }
}

static void encode_pages(UINT cp, DWORD flags)
{
    static BYTE rows[65536][4];
    for (int unit = 0; unit < 65536; unit++)
    {
        WCHAR in = (WCHAR)unit;
        char buf[8] = { 0 };
        BOOL used = FALSE;
        rows[unit][0] = (BYTE)WideCharToMultiByte(cp, flags, &in, 1, buf, 8, NULL, &used);
        rows[unit][1] = (BYTE)buf[0];
        rows[unit][2] = (BYTE)buf[1];
        rows[unit][3] = (BYTE)used;
    }
    put(rows, sizeof(rows));
}

int main(int argc, char **argv)
{
    if (argc < 2 || !(out = fopen(argv[1], "wb"))) return 2;
    for (UINT cp = 5; cp < 65536; cp++)
    {
        CPINFOEXW info;
        if (cp == CP_SYMBOL || !IsValidCodePage(cp)) continue;
        memset(&info, 0, sizeof(info));
        if (!GetCPInfoExW(cp, 0, &info)) continue;
        put(&cp, 4);
        put(&info, sizeof(info));
        if (cp == CP_UTF7 || cp == CP_UTF8) continue;
        decode_pages(cp, &info);
        encode_pages(cp, 0);
        encode_pages(cp, WC_NO_BEST_FIT_CHARS);
    }
    return fclose(out) ? 1 : 0;
}
