"""What MyGrad's setup.py of 2018, which pip runs to read its name, needs of Python and Python 3.12 took away."""

import configparser

configparser.SafeConfigParser = configparser.ConfigParser
configparser.ConfigParser.readfp = configparser.ConfigParser.read_file
