# Starts a test binary so that the testing package leaves a file behind when it has come to its end.
# Usage: sh go-exec.sh <folder for such files> <binary> [arguments]
logs=$1
binary=$2
shift 2
name=$(pwd -P | tr / '!')
exec "$binary" "-test.testlogfile=$logs/$name" "$@"
