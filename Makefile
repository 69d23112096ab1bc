# Everything these commands do is in bootstrap.py, which also works without make.
PYTHON ?= python3

.PHONY: help lab test notebooks weights book book-serve portability lint bench lessons-time mutation

help:       ## list the commands
	@sed -n 's/^\([a-z-]*\): *## */make \1\t/p' $(MAKEFILE_LIST)

lab:        ## set up what is needed and open the first lesson in JupyterLab
	@$(PYTHON) bootstrap.py lab $(ARGS)

test:       ## run all tests and check every lesson; ARGS="-k gru" picks some
	@$(PYTHON) bootstrap.py test $(ARGS)

notebooks:  ## run the lessons again and store what they print
	@$(PYTHON) bootstrap.py run tests.rerun $(ARGS)

weights:    ## train the shipped networks again; ARGS="reviews" picks one
	@$(PYTHON) bootstrap.py run rnn_edu.weights $(ARGS)

book:       ## build the website in book/_build/html
	@$(PYTHON) bootstrap.py run book.build

book-serve: ## build the website and show it on this machine
	@$(PYTHON) bootstrap.py run book.build --serve

portability: ## run notebooks and mathematics on other CPU kernels and threads: a table
	@$(PYTHON) bootstrap.py run tests.portability $(ARGS)

lint:       ## check style and formatting
	@$(PYTHON) bootstrap.py run ruff check
	@$(PYTHON) bootstrap.py run ruff format --check

bench:      ## measure speed and memory; ARGS=cells picks a part
	@$(PYTHON) bootstrap.py run tests.bench $(ARGS)

lessons-time: ## seconds and memory of every lesson, beside what is promised
	@$(PYTHON) bootstrap.py run tests.bench lessons $(ARGS)

mutation:   ## change the mathematics, see whether the tests notice; goes on where it stopped
	@$(PYTHON) bootstrap.py run pip install --quiet mutmut==3.8.1
	@$(PYTHON) bootstrap.py run tests.mutation $(ARGS)
