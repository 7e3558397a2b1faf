/* Measures locale data of the running Windows.
   Build: x86_64-w64-mingw32-gcc -O1 -D_WIN32_WINNT=0x0A00 -o probe_locales.exe probe_locales.c
   Run:   probe_locales.exe > OUTPUT      (read by gen_locales.py; UTF-8)

   locale NAME LCID FLAGS DEFAULT NAME   every locale that EnumSystemLocalesEx lists, with the flags it gives; what
                                         LocaleNameToLCID says without LOCALE_ALLOW_NEUTRAL_NAMES, and ResolveLocaleName
   info NAME LCTYPE number N             GetLocaleInfoEx with LOCALE_RETURN_NUMBER
   info NAME LCTYPE text TEXT            without; tabs, CR, LF and backslashes in TEXT as \uXXXX
   info NAME LCTYPE genitive TEXT        with LOCALE_RETURN_GENITIVE_NAMES, where that is another text
   info NAME LCTYPE bytes HEX            LOCALE_FONTSIGNATURE
   date NAME FLAG ID TEXT                EnumDateFormatsExEx, one line per format; ID, a blank, TEXT
   time NAME FLAG TEXT                   EnumTimeFormatsEx
   calendar NAME ID CALTYPE text TEXT    GetCalendarInfoEx, of the calendars EnumCalendarInfoExEx lists
   calendar NAME ID CALTYPE number N
   geo ID CLASS TYPE TEXT                GetGeoInfoW of what EnumSystemGeoID lists */
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

static void put(const WCHAR *s)
{
    for (; *s; s++)
    {
        char utf8[16] = { 0 };
        WCHAR pair[3] = { s[0], 0, 0 };
        if (*s < 0x20 || *s == '\\') { printf("\\u%04x", *s); continue; }
        if (*s >= 0xd800 && *s < 0xdc00) pair[1] = *++s;
        WideCharToMultiByte(CP_UTF8, 0, pair, -1, utf8, sizeof(utf8), NULL, NULL);
        fputs(utf8, stdout);
    }
}

static void begin(const char *kind, const WCHAR *name)
{
    printf("%s\t", kind);
    put(name);
}

static WCHAR (*names)[LOCALE_NAME_MAX_LENGTH];
static int count;

static BOOL CALLBACK list(WCHAR *name, DWORD flags, LPARAM param)
{
    WCHAR resolved[LOCALE_NAME_MAX_LENGTH] = { 0 };
    ResolveLocaleName(name, resolved, LOCALE_NAME_MAX_LENGTH);
    begin("locale", name);
    printf("\t%04lx\t%lx\t%04lx\t", LocaleNameToLCID(name, LOCALE_ALLOW_NEUTRAL_NAMES), flags, LocaleNameToLCID(name, 0));
    put(resolved);
    putchar('\n');
    lstrcpyW(names[count++], name);
    return TRUE;
}

static void infos(const WCHAR *name)
{
    for (DWORD type = 1; type < 0x1100; type++)
    {
        WCHAR buf[512], genitive[512];
        DWORD number;
        if (type == LOCALE_FONTSIGNATURE)
        {
            int n = GetLocaleInfoEx(name, type, buf, 512);
            begin("info", name);
            printf("\t%lx\tbytes\t", type);
            for (int i = 0; i < n; i++) printf("%04x", buf[i]);
            putchar('\n');
            continue;
        }
        if (GetLocaleInfoEx(name, type | LOCALE_RETURN_NUMBER, (WCHAR *)&number, 2))
        {
            begin("info", name);
            printf("\t%lx\tnumber\t%lx\n", type, number);
        }
        if (!GetLocaleInfoEx(name, type, buf, 512)) continue;
        begin("info", name);
        printf("\t%lx\ttext\t", type);
        put(buf);
        putchar('\n');
        if (GetLocaleInfoEx(name, type | LOCALE_RETURN_GENITIVE_NAMES, genitive, 512) && lstrcmpW(buf, genitive))
        {
            begin("info", name);
            printf("\t%lx\tgenitive\t", type);
            put(genitive);
            putchar('\n');
        }
    }
}

static const WCHAR *current;
static DWORD flag;

static BOOL CALLBACK date(WCHAR *format, CALID calendar, LPARAM param)
{
    begin("date", current);
    printf("\t%lx\t%lx ", flag, calendar);
    put(format);
    putchar('\n');
    return TRUE;
}

static BOOL CALLBACK time(WCHAR *format, LPARAM param)
{
    begin("time", current);
    printf("\t%lx\t", flag);
    put(format);
    putchar('\n');
    return TRUE;
}

static BOOL CALLBACK calendar(WCHAR *text, CALID id, WCHAR *reserved, LPARAM param)
{
    for (CALTYPE type = 1; type < 0x40; type++)
    {
        WCHAR buf[512];
        DWORD number;
        if (GetCalendarInfoEx(current, id, NULL, type | CAL_RETURN_NUMBER, NULL, 0, &number))
        {
            begin("calendar", current);
            printf("\t%lx\t%lx\tnumber\t%lx\n", id, type, number);
        }
        if (!GetCalendarInfoEx(current, id, NULL, type, buf, 512, NULL)) continue;
        begin("calendar", current);
        printf("\t%lx\t%lx\ttext\t", id, type);
        put(buf);
        putchar('\n');
    }
    return TRUE;
}

static GEOCLASS class;

static BOOL CALLBACK geo(GEOID id)
{
    for (GEOTYPE type = 1; type < 0x20; type++)
    {
        WCHAR buf[512];
        if (!GetGeoInfoW(id, type, buf, 512, 0)) continue;
        printf("geo\t%lx\t%lx\t%lx\t", id, class, type);
        put(buf);
        putchar('\n');
    }
    return TRUE;
}

int main(void)
{
    static const DWORD dates[] = { DATE_SHORTDATE, DATE_LONGDATE, DATE_YEARMONTH, DATE_MONTHDAY };
    static const DWORD times[] = { 0, TIME_NOSECONDS };
    static const GEOCLASS classes[] = { GEOCLASS_NATION, GEOCLASS_REGION };
    names = calloc(4096, sizeof(*names));
    EnumSystemLocalesEx(list, LOCALE_ALL, 0, NULL);
    for (int n = 0; n < count; n++)
    {
        current = names[n];
        infos(current);
        for (int i = 0; i < 4; i++) EnumDateFormatsExEx(date, current, flag = dates[i], 0);
        for (int i = 0; i < 2; i++) EnumTimeFormatsEx(time, current, flag = times[i], 0);
        EnumCalendarInfoExEx(calendar, current, ENUM_ALL_CALENDARS, NULL, CAL_ICALINTVALUE, 0);
    }
    for (int i = 0; i < 2; i++) EnumSystemGeoID(class = classes[i], 0, geo);
    return 0;
}
