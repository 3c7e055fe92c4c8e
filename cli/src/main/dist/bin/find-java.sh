# Sourced by the launchers. find_java 17 [jdk] sets MILLRACE_JAVA_HOME and MILLRACE_JAVA_MAJOR, or explains and exits 1.
# JAVA_HOME wins when set; otherwise the newest one found. With "jdk" a compiler is required.

# Prints "<major> <version> <home>" for a Java home, nothing when it is none.
describe_java() {
  local home=$1 need_compiler=$2 version=""
  [ -x "$home/bin/java" ] || return 0
  if [ "$need_compiler" = jdk ] && [ ! -x "$home/bin/javac" ]; then
    return 0
  fi
  if [ -r "$home/release" ]; then
    version=$(sed -n 's/^JAVA_VERSION="\(.*\)"$/\1/p' "$home/release")
  fi
  if [ -z "$version" ]; then
    version=$("$home/bin/java" -version 2>&1 | sed -n 's/.* version "\([^"]*\)".*/\1/p' | head -n 1)
  fi
  [ -n "$version" ] || return 0
  local major=${version#1.}
  major=${major%%[!0-9]*}
  [ -n "$major" ] && printf '%s %s %s\n' "$major" "$version" "$home"
  return 0
}

candidate_homes() {
  local java
  java=$(command -v java || true)
  if [ -n "$java" ]; then
    java=$(readlink -f "$java" 2>/dev/null || echo "$java")
    dirname "$(dirname "$java")"
  fi
  local home
  for home in /usr/lib/jvm/* "${SDKMAN_DIR:-${HOME:-/root}/.sdkman}"/candidates/java/*; do
    [ -d "$home" ] && [ ! -L "$home" ] && printf '%s\n' "$home"
  done
  return 0
}

find_java() {
  local minimum=$1 need=${2:-java} best line want="bin/java"
  [ "$need" = jdk ] && want="bin/java and bin/javac"
  if [ -n "${JAVA_HOME:-}" ]; then
    best=$(describe_java "$JAVA_HOME" "$need")
    if [ -z "$best" ]; then
      echo "millrace: JAVA_HOME=$JAVA_HOME has no ${want}." >&2
      echo "  Set JAVA_HOME to a JDK $minimum or newer, or unset it to let millrace choose one." >&2
      exit 1
    fi
    if [ "${best%% *}" -lt "$minimum" ]; then
      line=${best#* }
      echo "millrace: JAVA_HOME=$JAVA_HOME is Java ${line%% *}; Millrace needs $minimum or newer." >&2
      echo "  Set JAVA_HOME to a JDK $minimum or newer, or unset it to let millrace choose one." >&2
      exit 1
    fi
  else
    best=$(candidate_homes | while read -r home; do describe_java "$home" "$need"; done | sort -k2,2V | tail -n 1)
    if [ -z "$best" ] || [ "${best%% *}" -lt "$minimum" ]; then
      if [ "$need" = jdk ]; then
        echo "millrace: no JDK $minimum or newer was found (looked at PATH, /usr/lib/jvm and SDKMAN)." >&2
        echo "  On Debian or Ubuntu: apt-get install openjdk-17-jdk-headless; elsewhere install a JDK $minimum+ and set JAVA_HOME." >&2
      else
        echo "millrace: no Java $minimum or newer was found (looked at PATH, /usr/lib/jvm and SDKMAN)." >&2
        echo "  On Debian or Ubuntu: apt-get install openjdk-17-jre-headless; elsewhere install Java $minimum+ and set JAVA_HOME." >&2
      fi
      exit 1
    fi
  fi
  MILLRACE_JAVA_MAJOR=${best%% *}
  line=${best#* }
  MILLRACE_JAVA_HOME=${line#* }
}
