// Package server stands in for the wrapper's server.
package server

import (
	"net"

	"github.com/sirupsen/logrus"
)

// Server of nothing.
type Server struct{}

// New makes a server of nothing.
func New(logrus.FieldLogger, any) *Server { return &Server{} }

// Listen does nothing.
func (*Server) Listen(net.Listener) {}

// Stop does nothing.
func (*Server) Stop() {}
