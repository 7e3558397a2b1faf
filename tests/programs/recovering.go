package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
)

type node struct{ next *node; value [4]int }

func deref(n *node) (value int, err error) {
	defer func() {
		if r := recover(); r != nil {
			if e, ok := r.(runtime.Error); ok {
				err = e
			} else {
				err = errors.New(fmt.Sprint(r))
			}
		}
	}()
	return n.next.value[2], nil
}

func divide(a, b int) (q int, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = r.(error)
		}
	}()
	return a / b, nil
}

func main() {
	fmt.Println(deref(&node{}))
	fmt.Println(deref(nil))
	fmt.Println(divide(1, len(os.Args)-1))
	done := make(chan error)
	for i := 0; i < 4; i++ {
		go func() { _, err := deref(nil); done <- err }()
	}
	for i := 0; i < 4; i++ {
		fmt.Println(<-done)
	}
	for i := 0; i < 1000; i++ {
		deref(nil)
	}
	fmt.Println("recovered")
}
