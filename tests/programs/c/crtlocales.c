/* Locales by their names, and numbers, dates and text in them. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>
#include <windows.h>

static const char *const names[] = {
    "C", "", "german", "German_Austria", "deu", "des", "swiss", "Polish", "Greek", "turkish", "russian", "japanese",
    "korean", "chinese", "chinese-traditional", "chs", "portuguese", "portuguese-brazil", "ptg", "spanish", "esm",
    "spanish-modern", "norwegian-bokmal", "non", "dutch-belgian", "belgian", "canadian", "french-canadian", "uk", "usa",
    "american english", "english-nz", "italian-swiss", "Swedish_Finland", "Ukrainian", "Arabic_Algeria", "Vietnamese",
    "Hindi", "Thai", "Hebrew", "English_United States.ACP", "English_United States.OCP", "English_United States.850",
    ".1250", ".OCP", "Klingon", "German_Poland", "English.99999", "English_United States.UTF8", "en-US",
};

static void named(void)
{
    for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
    {
        const char *found = setlocale(LC_ALL, names[i]);
        printf("%s: %s\n", names[i], found ? found : "none");
        setlocale(LC_ALL, "C");
    }
    setlocale(LC_NUMERIC, "Polish");
    setlocale(LC_MONETARY, "Greek");
    printf("%s\n", setlocale(LC_ALL, NULL));
    setlocale(LC_ALL, "C");
}

static void numbers(const char *locale)
{
    double value = 0;
    wchar_t wide[32];
    char text[64], *end;
    setlocale(LC_ALL, locale);
    _snprintf(text, sizeof(text), "%.2f %g %e", 1234.5, 0.25, 1.5);
    printf("%s: %s", locale, text);
    _snwprintf(wide, 32, L"%.1f", 2.5);
    printf(" %ls", wide);
    printf(" %d", sscanf("3,75 3.75", "%lf", &value));
    _snprintf(text, sizeof(text), "%.3f %.3f", value, strtod("1,5x", &end));
    printf(" %s", text);
    printf(" %s [%s] [%s]\n", end, localeconv()->decimal_point, localeconv()->thousands_sep);
    setlocale(LC_ALL, "C");
}

static void dates(const char *locale)
{
    char text[128];
    struct tm when = { 5, 4, 3, 2, 2, 124, 6, 61, 0 };
    setlocale(LC_ALL, locale);
    strftime(text, sizeof(text), "%a %A %b %B %p", &when);
    printf("%s: ", locale);
    for (unsigned i = 0; text[i]; i++)
        printf((unsigned char)text[i] < 0x80 ? "%c" : "<%02x>", (unsigned char)text[i]);
    printf("\n");
    setlocale(LC_ALL, "C");
}

int main(void)
{
    named();
    numbers("C");
    numbers("German");
    numbers("Polish");
    numbers("Swedish");
    numbers("english");
    dates("Polish");
    dates("Greek");
    dates("Turkish");
    dates("Japanese");
    dates("portuguese-brazil");
    return 0;
}
