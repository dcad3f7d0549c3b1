// Package api stands in for what the runner's `wrapper` command speaks, which no test starts.
package api

import (
	"context"
	"errors"
	"strconv"

	"github.com/sirupsen/logrus"
)

// Status of the wrapped process.
type Status int

// The states of the wrapped process.
const (
	StatusUnknown Status = iota
	StatusRunning
	StatusInShutdown
	StatusStopped
)

// String is the state as text.
func (s Status) String() string { return strconv.Itoa(int(s)) }

// ErrProcessNotInitialized says that there is no process yet.
var ErrProcessNotInitialized = errors.New("process not initialized")

// ShutdownCallback is called in the end.
type ShutdownCallback interface{ Run(context.Context) }

// ShutdownCallbackDef tells where to call.
type ShutdownCallbackDef interface {
	URL() string
	Method() string
}

// InitGracefulShutdownRequest asks for an end.
type InitGracefulShutdownRequest interface{ ShutdownCallbackDef() ShutdownCallbackDef }

type callback struct{}

func (callback) Run(context.Context) {}

// NewShutdownCallback makes one that does nothing.
func NewShutdownCallback(logrus.FieldLogger, ShutdownCallbackDef) ShutdownCallback { return callback{} }
