"""The Dll objects of BCRYPT and BCRYPTPRIMITIVES."""

from litebox_core.dll import NATIVE, Dll

bcrypt = Dll("bcrypt", dialect=NATIVE)
bcryptprimitives = Dll("bcryptprimitives")
