// Package client stands in for what GitLab's step runner is asked.
package client

import (
	"strconv"
	"time"
)

// State of a run.
type State int

// The states of a run.
const (
	StateSuccess State = iota + 1
	StateCancelled
)

// String is the state as text.
func (s State) String() string { return strconv.Itoa(int(s)) }

// ErrorKind of a run.
type ErrorKind int

// The kinds of errors.
const (
	ErrorUnknown ErrorKind = iota
	ErrorInternal
	ErrorStepFailure
	ErrorCancelled
	ErrorTimeout
)

// Status of a run.
type Status struct {
	State     State
	ErrorKind ErrorKind
	Message   string
}

// Variable of a run.
type Variable struct {
	Key, Value   string
	File, Masked bool
}

// RunRequest asks for a run.
type RunRequest struct {
	Id, WorkDir, BuildDir, Steps string
	Timeout                      *time.Duration
	Env                          map[string]string
	Variables                    []Variable
}
