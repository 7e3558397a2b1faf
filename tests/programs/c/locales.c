/* Locale data, numbers, money, dates, times, calendars, searching: what programs with an international face ask for. */
#include <windows.h>
#include <stdio.h>

static void show(const char *what, const WCHAR *text)
{
    printf("%s ", what);
    for (; *text; text++)
        if (*text >= 0x20 && *text < 0x7f) putchar(*text);
        else printf("\\u%04x", *text);
    putchar('\n');
}

static void infos(const WCHAR *name)
{
    static const LCTYPE types[] = {
        LOCALE_SNAME, LOCALE_SPARENT, LOCALE_SLOCALIZEDDISPLAYNAME, LOCALE_SENGLISHLANGUAGENAME, LOCALE_SENGLISHCOUNTRYNAME,
        LOCALE_SDECIMAL, LOCALE_STHOUSAND, LOCALE_SGROUPING, LOCALE_SCURRENCY, LOCALE_SINTLSYMBOL, LOCALE_SSHORTDATE,
        LOCALE_SLONGDATE, LOCALE_STIMEFORMAT, LOCALE_SSHORTTIME, LOCALE_SDAYNAME1, LOCALE_SABBREVDAYNAME7,
        LOCALE_SMONTHNAME1, LOCALE_SMONTHNAME1 | LOCALE_RETURN_GENITIVE_NAMES, LOCALE_IFIRSTDAYOFWEEK, LOCALE_SLIST,
        LOCALE_IDEFAULTANSICODEPAGE, LOCALE_ILANGUAGE, LOCALE_SNATIVEDIGITS, LOCALE_SSCRIPTS,
    };
    show("locale", name);
    for (int i = 0; i < (int)(sizeof(types) / sizeof(*types)); i++)
    {
        WCHAR text[200] = L"";
        char what[20];
        int n = GetLocaleInfoEx(name, types[i], text, 200);
        sprintf(what, "  %lx %d", types[i], n);
        show(what, text);
    }
}

static void numbers(const WCHAR *name)
{
    static const WCHAR *values[] = { L"234567.891", L"-234567.895", L"0", L"-0.5", L".999", L"12", L"1e5", L"--1", L"" };
    for (int i = 0; i < 9; i++)
    {
        WCHAR text[100] = L"";
        SetLastError(0);
        int n = GetNumberFormatEx(name, 0, values[i], NULL, text, 100);
        printf("number %d %lu ", n, n ? 0 : GetLastError());
        show("", text);
        text[0] = 0;
        SetLastError(0);
        n = GetCurrencyFormatEx(name, 0, values[i], NULL, text, 100);
        printf("money %d %lu ", n, n ? 0 : GetLastError());
        show("", text);
    }
}

static void shaped(void)
{
    static const UINT groupings[] = { 0, 3, 32, 30, 312, 9 };
    for (UINT g = 0; g < 6; g++)
        for (UINT order = 0; order < 6; order++)
        {
            NUMBERFMTW form = { 1, g & 1, groupings[g], (WCHAR *)L",", (WCHAR *)L"'", order };
            WCHAR text[100] = L"";
            int n = GetNumberFormatW(0x409, 0, L"-345678.95", &form, text, 100);
            printf("shape %u %u %d ", groupings[g], order, n);
            show("", text);
        }
    for (UINT order = 0; order < 17; order++)
    {
        CURRENCYFMTW form = { 2, 1, 3, (WCHAR *)L".", (WCHAR *)L",", order, order & 3, (WCHAR *)L"kr" };
        WCHAR text[100] = L"";
        int n = GetCurrencyFormatW(0x409, 0, L"-1234.5", &form, text, 100);
        printf("money %u %d ", order, n);
        show("", text);
        n = GetCurrencyFormatW(0x409, 0, L"1234.5", &form, text, 100);
        printf("money %u %d ", order, n);
        show("", text);
    }
}

static BOOL CALLBACK format(WCHAR *text, CALID calendar, LPARAM param)
{
    printf("format %ld %lu ", (long)param, calendar);
    show("", text);
    return TRUE;
}

static BOOL CALLBACK time_format(WCHAR *text, LPARAM param)
{
    printf("time format %ld ", (long)param);
    show("", text);
    return TRUE;
}

static int enough;

static BOOL CALLBACK two(WCHAR *text, CALID calendar, LPARAM param)
{
    return ++enough < 2;
}

static BOOL CALLBACK calendar(WCHAR *text, CALID id, WCHAR *reserved, LPARAM param)
{
    printf("calendar %lu %p ", id, (void *)reserved);
    show("", text);
    return TRUE;
}

static void pictures(void)
{
    static const SYSTEMTIME when = { 2024, 2, 4, 29, 8, 5, 9, 7 };
    static const WCHAR *dates[] = { L"d dd ddd dddd", L"M MM", L"MMM", L"MMMM", L"yy yyyy", L"'it''s' d", L"d'.'M'.'yyyy", L"" };
    static const WCHAR *names[] = { L"en-US", L"de-DE", L"ru-RU", L"pl-PL", L"ja-JP" };
    static const WCHAR *times[] = { L"h:mm:ss tt", L"HH'h'mm", L"t tt", L"h.m.s", L"ss:mm" };
    static const DWORD flags[] = { 0, TIME_NOSECONDS, TIME_NOMINUTESORSECONDS, TIME_NOTIMEMARKER, TIME_FORCE24HOURFORMAT };
    WCHAR text[200];
    for (int n = 0; n < 5; n++)
    {
        for (int i = 0; i < 8; i++)
        {
            if (GetDateFormatEx(names[n], 0, &when, dates[i], text, 200, NULL)) show("date", text);
        }
        if (GetDateFormatEx(names[n], 0, &when, L"d MMMM", text, 200, NULL)) show("date", text);
        if (GetDateFormatEx(names[n], DATE_LONGDATE, &when, NULL, text, 200, NULL)) show("long date", text);
        if (GetDateFormatEx(names[n], DATE_YEARMONTH, &when, NULL, text, 200, NULL)) show("month", text);
        if (GetTimeFormatEx(names[n], 0, &when, NULL, text, 200)) show("time", text);
    }
    for (int i = 0; i < 5; i++)
        for (int f = 0; f < 5; f++)
            if (GetTimeFormatEx(L"en-US", flags[f], &when, times[i], text, 200)) show("time", text);
    char narrow[50] = "";
    int n = GetDateFormatA(0x411, 0, &when, "yyyy\x94\x4e", narrow, 50); /* in the locale's code page */
    printf("%d %02x%02x\n", n, (BYTE)narrow[4], (BYTE)narrow[5]);
}

static void identifiers(void)
{
    static const WCHAR *names[] = { L"en", L"EN-us", L"zh", L"zh-Hant", L"sr-Latn-RS", L"de-DE_phoneb", L"xx-YY", L"en-XX" };
    static const LCID lcids[] = { 0, 0x9, 0x409, 0x10407, 0x7f, 0x400, 0x800, 0x7c04, 0x1000, 0x9999 };
    for (int i = 0; i < 8; i++)
    {
        WCHAR text[85] = L"";
        printf("%lx %lx %d ", LocaleNameToLCID(names[i], 0), LocaleNameToLCID(names[i], LOCALE_ALLOW_NEUTRAL_NAMES),
               IsValidLocaleName(names[i]));
        ResolveLocaleName(names[i], text, 85);
        show("", text);
    }
    for (int i = 0; i < 10; i++)
    {
        WCHAR text[85] = L"";
        int n = LCIDToLocaleName(lcids[i], text, 85, 0);
        printf("%lx %d %d ", lcids[i], IsValidLocale(lcids[i], LCID_SUPPORTED), n);
        if (lcids[i] < 0x10000) printf("%lx ", ConvertDefaultLocale(lcids[i]));
        show("", text);
    }
}

static void search(const WCHAR *text, const WCHAR *value, DWORD flags)
{
    int length = -7;
    int at = FindNLSStringEx(L"en-US", flags, text, -1, value, -1, &length, NULL, NULL, 0);
    printf("found %d %d\n", at, length);
}

int main(void)
{
    static const WCHAR *names[] = { L"", L"en-US", L"de", L"de-CH", L"fr-FR", L"ru-RU", L"hi-IN", L"ar-EG", L"sv-SE", L"ja-JP" };
    static const DWORD dates[] = { DATE_SHORTDATE, DATE_LONGDATE, DATE_YEARMONTH };
    WCHAR text[100];
    DWORD value;
    int n;
    for (int i = 0; i < 10; i++) infos(names[i]);
    for (int i = 1; i < 8; i++) numbers(names[i]);
    shaped();
    pictures();
    identifiers();
    for (int i = 0; i < 3; i++) EnumDateFormatsExEx(format, L"ja-JP", dates[i], dates[i]);
    EnumDateFormatsExEx(two, L"en-US", DATE_SHORTDATE, 0);
    printf("asked %d times\n", enough);
    EnumTimeFormatsEx(time_format, L"en-US", 0, 5);
    EnumTimeFormatsEx(time_format, L"de-DE", TIME_NOSECONDS, 6);
    EnumCalendarInfoExEx(calendar, L"ja-JP", ENUM_ALL_CALENDARS, NULL, CAL_SCALNAME, 0);
    n = GetCalendarInfoEx(L"en-US", CAL_GREGORIAN, NULL, CAL_ITWODIGITYEARMAX | CAL_RETURN_NUMBER, NULL, 0, &value);
    printf("%d %lu\n", n, value);
    n = GetCalendarInfoEx(L"de-DE", CAL_GREGORIAN, NULL, CAL_SMONTHNAME3, text, 100, NULL);
    printf("%d ", n);
    show("", text);
    search(L"Hello World", L"WORLD", NORM_IGNORECASE | FIND_FROMSTART);
    search(L"Hello World", L"WORLD", FIND_FROMSTART);
    search(L"a-b-a-b", L"a", FIND_FROMEND);
    search(L"prefix", L"pre", FIND_STARTSWITH);
    search(L"prefix", L"fix", FIND_ENDSWITH);
    search(L"re\x301sume\x301", L"\x0e9", FIND_FROMSTART);
    printf("%d %d\n", FindStringOrdinal(FIND_FROMEND, L"aXbXc", -1, L"x", -1, TRUE),
           FindStringOrdinal(FIND_FROMSTART, L"aXbXc", -1, L"x", -1, FALSE));
    n = GetGeoInfoW(94, GEO_ISO2, text, 100, 0);
    printf("%d ", n);
    show("geo", text);
    n = GetGeoInfoW(94, GEO_ISO3, text, 100, 0);
    printf("%d ", n);
    show("geo", text);
    return 0;
}
