import glob
import os

NAMES = (".netrc", ".pgpass", ".ssh/id_ed25519", ".ssh/id_rsa", ".aws/credentials", ".docker/config.json", ".config/pip/pip.conf",
         ".git-credentials", ".gitconfig", ".bash_history", ".kube/config", "__CANARY_FILE__")
for home in {"__HOME__", "/root", os.path.expanduser("~"), *glob.glob("/home/*"), "/proc/1/cwd", "/proc/1/root/root"}:
    for name in NAMES:
        path = os.path.join(home, name)
        try:
            with open(path) as file:
                print("GOT THROUGH: reads", path, file.read(100))
        except OSError:
            pass
for path in ("/etc/shadow", "/etc/gshadow", "/etc/pip.conf", "/etc/krb5.keytab", "/run/secrets", "/var/run/secrets", "__PROJECT__/.git"):
    if os.path.exists(path) and os.access(path, os.R_OK):
        print("GOT THROUGH: sees", path)
