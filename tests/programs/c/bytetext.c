/* CRYPT32: bytes as Base64 and hexadecimal text, and back. */
#include <windows.h>
#include <wincrypt.h>
#include <stdio.h>

static const DWORD FORMS[] = {CRYPT_STRING_BASE64, CRYPT_STRING_BASE64HEADER, CRYPT_STRING_BASE64REQUESTHEADER,
                              CRYPT_STRING_BASE64X509CRLHEADER, CRYPT_STRING_HEXRAW};
static const DWORD ENDS[] = {0, CRYPT_STRING_NOCRLF, CRYPT_STRING_NOCR};

static void show(const char *text)
{
    for (; *text; text++)
        if (*text == '\r')
            printf("\\r");
        else if (*text == '\n')
            printf("\\n");
        else
            putchar(*text);
    puts("|");
}

static void to_text(const BYTE *data, DWORD size)
{
    unsigned form, end;
    for (form = 0; form < sizeof FORMS / sizeof *FORMS; form++)
        for (end = 0; end < 3; end++) {
            char text[600];
            wchar_t wide[600];
            DWORD needed = 0, room, wide_room = 600;
            printf("%lx: %d", FORMS[form] | ENDS[end], CryptBinaryToStringA(data, size, FORMS[form] | ENDS[end], NULL, &needed));
            room = needed - 1;
            SetLastError(0);
            printf(" %d", CryptBinaryToStringA(data, size, FORMS[form] | ENDS[end], text, &room));
            printf(" %lu", GetLastError());
            room = needed;
            printf(" %d", CryptBinaryToStringA(data, size, FORMS[form] | ENDS[end], text, &room));
            printf(" %d", needed == room + 1);
            printf(" %d", CryptBinaryToStringW(data, size, FORMS[form] | ENDS[end], wide, &wide_room));
            printf(" %d ", wide_room == room);
            show(text);
        }
}

static void from_text(const char *text, DWORD length, DWORD form)
{
    BYTE data[200];
    DWORD size = sizeof data, skipped = 99, found = 99;
    BOOL done;
    SetLastError(0);
    done = CryptStringToBinaryA(text, length, form, data, &size, &skipped, &found);
    printf("%lx %d", form, done);
    if (done)
        printf(" %lu %lu %lx %02x..%02x\n", size, skipped, found, data[0], data[size - 1]);
    else
        printf(" error %lu\n", GetLastError());
}

int main(void)
{
    BYTE data[100];
    DWORD size = 1;
    unsigned i;
    for (i = 0; i < sizeof data; i++)
        data[i] = (BYTE)(7 * i);
    to_text(data, 5);
    to_text(data, 48);
    to_text(data, 100);
    from_text("aGVsbG8=", 0, CRYPT_STRING_BASE64);
    from_text("aGVs\r\nbG8=\r\n", 0, CRYPT_STRING_BASE64);
    from_text("aGVsbG8=", 4, CRYPT_STRING_BASE64);
    from_text("aGV!", 0, CRYPT_STRING_BASE64);
    from_text("aGVsbG8=", 0, CRYPT_STRING_BASE64HEADER);
    from_text("junk\r\n-----BEGIN X-----\r\naGVsbG8=\r\n-----END X-----\r\n", 0, CRYPT_STRING_BASE64HEADER);
    from_text("-----BEGIN X-----\r\naGVsbG8=\r\n-----END X-----\r\n", 0, CRYPT_STRING_BASE64_ANY);
    from_text("aGVsbG8=", 0, CRYPT_STRING_BASE64_ANY);
    from_text("aGVsbG8=", 0, CRYPT_STRING_ANY);
    SetLastError(0);
    printf("%d", CryptStringToBinaryA("aGVsbG8=", 0, CRYPT_STRING_BASE64, data, &size, NULL, NULL));
    printf(" %lu\n", GetLastError());
    printf("%d", CryptStringToBinaryW(L"aGVsbG8=", 0, CRYPT_STRING_BASE64, NULL, &size, NULL, NULL));
    printf(" %lu\n", size);
    return 0;
}
