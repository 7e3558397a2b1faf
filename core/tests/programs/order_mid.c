/* Imported by the program; imports order_base. Has TLS callbacks, a forwarder and an ordinal-only export. */
#include "order.h"
DLL_MAIN("mid", TRUE)
TLS_CALLBACK("mid", 1)
TLS_CALLBACK("mid", 2)
__declspec(dllimport) int base_value(void);
__declspec(dllimport) extern int base_data;
int mid_value(void) { return base_value() + base_data; }
int mid_hidden(void) { return 77; }
