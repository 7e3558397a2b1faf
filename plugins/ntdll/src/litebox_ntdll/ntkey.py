"""The registry: there is none, and no key is made up."""

from .base import dll
from .ntattributes import also_zw

dll.stub(
    "there is no registry",
    "NtCreateKey", "NtCreateKeyTransacted", "NtDeleteKey", "NtDeleteValueKey", "NtEnumerateKey", "NtEnumerateValueKey",
    "NtFlushKey", "NtNotifyChangeKey", "NtNotifyChangeMultipleKeys", "NtOpenKey", "NtOpenKeyEx", "NtOpenKeyTransacted",
    "NtOpenKeyTransactedEx", "NtQueryKey", "NtQueryMultipleValueKey", "NtQueryValueKey", "NtRenameKey", "NtRestoreKey",
    "NtSaveKey", "NtSaveKeyEx", "NtSetInformationKey", "NtSetValueKey",
)  # fmt: skip

also_zw(__name__)
