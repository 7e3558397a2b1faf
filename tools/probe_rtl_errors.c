/* Asks ntdll for the Win32 error of every NTSTATUS worth asking about, and prints "status<TAB>error" in hexadecimal and decimal.
 *
 * Asked: for each of the four severities, with and without the customer and the N bit, each facility and the codes 0..0xFFF.
 * Answers that a rule gives are left out, so that what is printed is the table: 317 (ERROR_MR_MID_NOT_FOUND, no answer),
 * and the answer to a status with the N bit or the customer bit, when it is what the rule says. An answer against a rule
 * is printed on standard error. The rules are those of litebox_core.errors.win32_of.
 */
#include <stdio.h>
#include <windows.h>

typedef ULONG(WINAPI *rtl_nt_status_to_dos_error)(LONG status);

int main(void)
{
    rtl_nt_status_to_dos_error convert =
        (rtl_nt_status_to_dos_error)(void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), "RtlNtStatusToDosError");
    unsigned long severity, facility, code;

    for (severity = 0; severity < 4; severity++)
        for (facility = 0; facility < 0x1000; facility++)
            for (code = 0; code < 0x1000; code++) {
                unsigned long plain = severity << 30 | facility << 16 | code;
                unsigned long answer = convert((LONG)plain);

                /* these carry a Win32 error in the low word */
                if (plain >> 16 == 0x8007 || plain >> 16 == 0xC007 || plain >> 16 == 0xC001) {
                    if (answer != code) fprintf(stderr, "%08lx carries %lu, answered %lu\n", plain, code, answer);
                } else if (answer != 317)
                    printf("%08lx\t%lu\n", plain, answer);
                if (code < 0x400 && convert((LONG)(plain | 0x20000000)) != (plain | 0x20000000))
                    fprintf(stderr, "%08lx: the customer bit answers %lu\n", plain, convert((LONG)(plain | 0x20000000)));
                if (code < 0x400 && severity == 3 && convert((LONG)(plain | 0x10000000)) != answer)
                    fprintf(stderr, "%08lx: the N bit answers %lu, plain %lu\n", plain, convert((LONG)(plain | 0x10000000)), answer);
            }
    return 0;
}
