#!/bin/sh
# Builds the programs of the loader's tests in this folder.
set -e
cd "$(dirname "$0")"
cc="x86_64-w64-mingw32-gcc -O1 -s -Wl,--no-insert-timestamp"
$cc -shared -o order_base.dll order_base.c
$cc -shared -o order_mid.dll order_mid.c order_mid.def order_base.dll
$cc -shared -o order_low.dll order_low.c
$cc -shared -o order_late.dll order_late.c order_low.dll order_base.dll
$cc -shared -o order_no.dll order_no.c order_low.dll
echo 'int nowhere(void) { return 0; }' >order_nowhere.c
$cc -shared -o order_nowhere.dll order_nowhere.c
$cc -shared -o order_lost.dll order_lost.c order_low.dll order_nowhere.dll
rm order_nowhere.c order_nowhere.dll
x86_64-w64-mingw32-dlltool -d order_mid.def -l order_mid.a
$cc -o order.exe order.c order_mid.a
$cc -o order_refused.exe -DDLL=no refused.c order_no.dll
rm order_mid.a
