/* Cannot start: the DLL that it imports refuses to be initialised. */
int no_value(void);
int main(void) { return no_value(); }
