# Starts and ends `hookline listen` for other scripts; to be sourced, not run.
#
# Usage:  source scripts/receiver.bash
#         start_receiver HOOKLINE FOLDER [ARGUMENTS OF listen]   sets receiver_url and receiver_ca
#         stop_receiver                                          then FOLDER/receiver.log is whole
#
# The receiver's files stand in FOLDER. It is ended by its process id; call stop_receiver in the EXIT trap, too: it does
# nothing the second time. Needs: bash 4.4 (for the id of a process substitution).

start_receiver() {
    local hookline=$1 folder=$2 line
    shift 2
    exec {receiver_output}< <(exec "$hookline" listen --directory "$folder/receiver" "$@" 2>"$folder/receiver.errors")
    receiver_pid=$!
    # Its first line says that it listens; an end of file instead says that it could not.
    if ! read -r -u "$receiver_output" line; then
        wait "$receiver_pid" || true
        receiver_pid=
        cat "$folder/receiver.errors" >&2
        return 1
    fi
    receiver_url=${line#listening on }
    receiver_ca=$folder/receiver/ca.pem
    # Read on, so that the receiver never waits for room in its pipe.
    { echo "$line" && cat; } <&"$receiver_output" >"$folder/receiver.log" &
    receiver_reader=$!
}

stop_receiver() {
    [[ -n ${receiver_pid:-} ]] || return 0
    kill -TERM "$receiver_pid" 2>/dev/null || true
    wait "$receiver_pid" 2>/dev/null || true
    wait "$receiver_reader" || true
    exec {receiver_output}<&-
    receiver_pid=
}
