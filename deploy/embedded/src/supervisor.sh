# Runs one program for a parent that may die at any moment, and never outlives either of them.
#
#   sh -c "$this" supervisor STOP_SIGNAL GRACE FOLDER program arguments…
#
# Standard input is a pipe that the parent holds. A line on it is a signal for the program, or
# "stop": STOP_SIGNAL, then GRACE tenths of a second, then SIGKILL. The end of the pipe means that
# the parent is gone, were it by SIGKILL: the same, and FOLDER (if not empty) is removed.
# The program's process id goes to standard output, what it prints to standard error, and its exit
# code (or 128 + signal) becomes this script's.

stop=$1 grace=$2 folder=$3
shift 3
exec 3<&0

"$@" </dev/null 3<&- >&2 &
program=$!
echo "$program"

# Two things are waited for, the program's end and the parent's word, so there are two waiters.
(
    trap 'exit 0' TERM
    parted=0
    while :; do
        if ! read -r word; then parted=3; break; fi
        if [ "$word" = stop ]; then break; fi
        kill -s "$word" "$program"
    done
    trap '' TERM
    kill -s "$stop" "$program"
    kill -s CONT "$program"
    while [ "$grace" -gt 0 ] && kill -s 0 "$program"; do
        command -p sleep 0.1
        grace=$((grace - 1))
    done
    kill -s KILL "$program"
    exit $parted
) <&3 >/dev/null 2>&1 &
listener=$!
exec 3<&- </dev/null >&2

wait "$program"
code=$?
# A listener that is still waiting for a word ends by this; one that is stopping the program sees
# by itself that it is gone. So no pause of it is left behind.
kill -s TERM "$listener" 2>/dev/null
wait "$listener" 2>/dev/null
if [ $? -eq 3 ] && [ -n "$folder" ]; then
    cd / && command -p rm -rf -- "$folder"
fi
exit "$code"
